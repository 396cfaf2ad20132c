"""Identity's cookies: never readable by scripts, sent to identity's own path only."""

from urllib.parse import urlsplit

from fastapi import Request, Response

from shared.settings import Settings

# browsers take such cookies over https, and over http from 127.0.0.1 (tried with Chromium), where the demo runs
SESSION = "__Secure-identity-session"
BROWSER = "__Secure-identity-browser"  # binds a sign-in page to the browser that asked for it
DEVICE = "__Secure-identity-device"  # a browser that has signed in before
YEAR = 31_536_000


def base_path(settings: Settings) -> str:
    """The path under which browsers reach identity, `/identity` behind the portal."""
    return urlsplit(settings.identity_url).path.rstrip("/")


def cookie(request: Request, name: str) -> str | None:
    value = request.cookies.get(name)
    return value if value and len(value) <= 100 else None


def set_cookie(response: Response, name: str, value: str, settings: Settings, seconds: int | None = None) -> None:
    """For the browser's session, or for so many seconds."""
    path = base_path(settings) or "/"
    response.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=True)


def clear_cookie(response: Response, name: str, settings: Settings) -> None:
    response.delete_cookie(name, path=base_path(settings) or "/", httponly=True, samesite="lax", secure=True)
