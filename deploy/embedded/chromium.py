"""Chromium out of an npm package, with a font that has Cyrillic letters."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from deploy.embedded import cache, node

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

HERE = Path(__file__).parent
# The package also recommends arguments; among them are some that switch web security off.
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
# Our own: the package's names folders that do not exist, and without any font Chromium aborts at its first page.
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <match target="pattern">
    <edit name="family" mode="append_last"><string>PT Sans</string></edit>
  </match>
</fontconfig>
"""


def folder() -> Path:
    """The unpacked browser in the cache; fetched and unpacked at the first call."""
    mark = hashlib.sha256((HERE / "package-lock.json").read_bytes() + FONTS_CONF.encode()).hexdigest()[:12]
    place = cache.prepared(f"chromium-{mark}", _unpack)
    conf = place / "fonts.conf"
    if not conf.exists():  # not in _unpack: it names the final folder
        draft = conf.with_suffix(f".{os.getpid()}")
        paths = {name: escape(str(place / name)) for name in ("fonts", "cache")}
        draft.write_text(FONTS_CONF.format(**paths), encoding="utf-8")
        draft.rename(conf)
    return place


def executable() -> Path:
    """The browser's program, for Playwright's `executable_path`. It runs only in `environment()`."""
    return folder() / "chromium"


def environment() -> dict[str, str]:
    """Our environment, and with it the libraries and fonts that the browser needs."""
    place = folder()
    return {
        **os.environ,
        "LD_LIBRARY_PATH": str(place / "al2023" / "lib"),
        "FONTCONFIG_FILE": str(place / "fonts.conf"),
    }


def launch(playwright: "Playwright") -> "Browser":
    """Start the browser without a window. The caller closes it."""
    return playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS, env=dict(environment()))


def _unpack(target: Path) -> None:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, target / name)
    node.npm(["ci", "--ignore-scripts", "--loglevel=error"], cwd=target)
    modules = target / "node_modules"
    node.node([HERE / "unpack.mjs", modules / "@sparticuz" / "chromium" / "bin", target], cwd=target)
    for archive in target.glob("*.tar"):
        place = target if archive.stem == "swiftshader" else target / archive.stem
        place.mkdir(exist_ok=True)
        # as root, tar would else keep the owners named in the archive (tarfile's filter needs Python 3.11.4)
        subprocess.run(["tar", "--extract", "--no-same-owner", "--file", archive, "--directory", place], check=True)
        archive.unlink()
    for font in (modules / "@expo-google-fonts" / "pt-sans").rglob("*.ttf"):
        shutil.copy(font, target / "fonts")
    (target / "chromium").chmod(0o755)
    shutil.rmtree(modules)
