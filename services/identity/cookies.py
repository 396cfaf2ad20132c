"""Identity's cookies: never readable by scripts, sent to identity's own path only."""

from urllib.parse import urlsplit

from fastapi import Request, Response

from shared.settings import Settings

SESSION = "identity-session"
BROWSER = "identity-browser"  # binds a sign-in page to the browser that asked for it
DEVICE = "identity-device"  # a browser that has signed in before
YEAR = 31_536_000


def base_path(settings: Settings) -> str:
    """The path under which browsers reach identity, `/identity` behind the portal."""
    return urlsplit(settings.identity_url).path.rstrip("/")


def name(cookie: str, settings: Settings) -> str:
    """With the prefix that lets browsers take it over a secure connection only, where there is one."""
    return f"__Secure-{cookie}" if _is_secure(settings) else cookie


def cookie(request: Request, which: str, settings: Settings) -> str | None:
    value = request.cookies.get(name(which, settings))
    return value if value and len(value) <= 100 else None


def set_cookie(response: Response, which: str, value: str, settings: Settings, seconds: int | None = None) -> None:
    """For the browser's session, or for so many seconds."""
    response.set_cookie(
        name(which, settings), value, max_age=seconds, path=base_path(settings) or "/", httponly=True, samesite="lax",
        secure=_is_secure(settings),
    )  # fmt: skip


def clear_cookie(response: Response, which: str, settings: Settings) -> None:
    response.delete_cookie(
        name(which, settings), path=base_path(settings) or "/", httponly=True, samesite="lax",
        secure=_is_secure(settings),
    )  # fmt: skip


def _is_secure(settings: Settings) -> bool:
    """Plain http is for the demo and tests on one's own machine."""
    return settings.environment == "production" or settings.identity_url.startswith("https://")
