"""The built web application, held in memory: immutable assets, one page for every address of the application."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from shared.web.language import Language

DIST = Path(__file__).parent / "web" / "dist"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml",
         ".woff2": "font/woff2", ".webmanifest": "application/manifest+json", ".json": "application/json"}  # fmt: skip
PACKED = {"text/javascript", "text/css", "text/html", "image/svg+xml", "application/json", "application/manifest+json"}
SMALL = 1000  # bytes under which packing gains nothing
BROTLI = ".br"
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"


@dataclass(frozen=True)
class File:
    body: bytes
    packed: bytes | None
    smaller: bytes | None
    """As brotli, made by the build."""
    media_type: str
    etag: str
    immutable: bool

    def response(self, request: Request) -> Response:
        """304 when the browser has it; as small as it can take it."""
        headers = {
            "ETag": self.etag,
            "Cache-Control": "public, max-age=31536000, immutable" if self.immutable else "no-cache",
            "Content-Security-Policy": POLICY,
            "Permissions-Policy": PERMISSIONS,
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == self.etag:
            return Response(status_code=304, headers=headers)
        taken = [one.partition(";")[0].strip() for one in request.headers.get("accept-encoding", "").split(",")]
        for coding, packed in (("br", self.smaller), ("gzip", self.packed)):
            if packed and coding in taken:
                return Response(packed, headers=headers | {"Content-Encoding": coding}, media_type=self.media_type)
        return Response(self.body, headers=headers, media_type=self.media_type)


@dataclass(frozen=True)
class Pages:
    """Files by their path from the root; empty when the application was not built."""

    files: dict[str, File] = field(default_factory=dict)

    @staticmethod
    def load(folder: Path = DIST) -> "Pages":
        """Read the build once; nothing outside of it can ever be served."""
        paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix != BROTLI]
        return Pages({path.relative_to(folder).as_posix(): _file(path, folder) for path in paths})

    def find(self, path: str) -> File | None:
        """The file, or the application's page for an address that is no file's."""
        found = self.files.get(path)
        if found is None and "." not in path.rpartition("/")[2]:
            return self.files.get("index.html")
        return found


REFUSED = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title></head><body><main><h1>{title}</h1><p><a href="/auth/sign-in">{again}</a></p></main></body></html>
"""
WORDS: dict[Language, dict[str, str]] = {
    "ru": {"title": "Этот вход завершить не удалось", "again": "Войти заново"},
    "en": {"title": "This sign-in could not be completed", "again": "Sign in again"},
}


def refused_page(language: Language) -> Response:
    """A page with a link: going there by itself could go round for ever."""
    html = REFUSED.format(language=language, **WORDS[language])
    return HTMLResponse(html, 403, {"Content-Security-Policy": POLICY, "Content-Language": language})


def _file(path: Path, folder: Path) -> File:
    body = path.read_bytes()
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(body, 9, mtime=0) if kind in PACKED and len(body) > SMALL else None
    beside = path.with_name(path.name + BROTLI)
    smaller = beside.read_bytes() if beside.exists() else None
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    # vite puts a hash of the content into the names of its assets
    return File(body, packed, smaller, kind, etag, path.relative_to(folder).parts[0] == "assets")
