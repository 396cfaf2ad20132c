"""The sign-in page: plain HTML of the server, no script, in Russian or English."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse

from shared.web.language import Language

HERE = Path(__file__).parent
STYLE = (HERE / "sign_in.css").read_text("utf-8")

WORDS: dict[Language, dict[str, str]] = {
    "ru": {
        "title": "Вход — Школьный дневник", "name": "Школьный дневник", "login": "Логин", "password": "Пароль",
        "submit": "Войти", "wrong": "Неверный логин или пароль.", "stale": "Страница входа устарела.",
        "again": "Открыть вход заново", "bad": "Эта ссылка для входа составлена неверно.", "home": "На главную",
        "empty-login": "Введите логин.", "empty-password": "Введите пароль.",
    },
    "en": {
        "title": "Sign in — School diary", "name": "School diary", "login": "Login", "password": "Password",
        "submit": "Sign in", "wrong": "Wrong login or password.", "stale": "This sign-in page has expired.",
        "again": "Open sign-in again", "bad": "This sign-in link is malformed.", "home": "To the start page",
        "empty-login": "Enter your login.", "empty-password": "Enter your password.",
    },
}  # fmt: skip

PAGE = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<link rel="stylesheet" href="$base/sign-in.css">
</head>
<body>
<main>
<h1>$name</h1>
$content
</main>
</body>
</html>
""")

FORM = Template("""<form method="post" action="$base/sign-in" novalidate>
<input type="hidden" name="request" value="$request">
<input type="hidden" name="csrf" value="$csrf">
<div class="field">
<label for="login">$login_label</label>
<input id="login" name="login" value="$login" autocomplete="username" autocapitalize="none" spellcheck="false"
 maxlength="100" required $login_state>
$login_error
</div>
<div class="field">
<label for="password">$password_label</label>
<input id="password" name="password" type="password" autocomplete="current-password" required $password_state>
$password_error
</div>
<button type="submit">$submit</button>
</form>
""")


@dataclass(frozen=True)
class Form:
    """What the page shows again after a mistake: the login that was typed, never the password."""

    request: str
    csrf: str
    base: str
    redirect_uri: str
    login: str = ""
    login_error: str = ""
    password_error: str = ""


def sign_in(form: Form, language: Language) -> HTMLResponse:
    """The form; 422 when it comes back with a mistake at a field."""
    words = WORDS[language]
    first = "login" if form.login_error or not form.login else "password"
    content = FORM.substitute(
        base=escape(form.base), request=escape(form.request), csrf=escape(form.csrf), login=escape(form.login),
        login_label=words["login"], password_label=words["password"], submit=words["submit"],
        **_state("login", form.login_error, first), **_state("password", form.password_error, first),
    )  # fmt: skip
    mistaken = bool(form.login_error or form.password_error)
    return _page(content, form.base, language, 422 if mistaken else 200, form.redirect_uri)


def _state(name: str, error: str, first: str) -> dict[str, str]:
    """The field's attributes, and its sentence below it."""
    focus = "autofocus" if name == first else ""
    if not error:
        return {f"{name}_state": focus, f"{name}_error": ""}
    return {
        f"{name}_state": f'{focus} aria-invalid="true" aria-describedby="{name}-error"',
        f"{name}_error": f'<p class="error" id="{name}-error" role="alert">{escape(error)}</p>',
    }


def stale(base: str, home: str, language: Language) -> HTMLResponse:
    """The request has run out, or belongs to another browser."""
    words = WORDS[language]
    return _page(_said(words["stale"], home, words["again"]), base, language, 400)


def bad(base: str, home: str, language: Language) -> HTMLResponse:
    """A client or an address that we do not know: never redirected to."""
    words = WORDS[language]
    return _page(_said(words["bad"], home, words["home"]), base, language, 400)


def _said(text: str, home: str, link: str) -> str:
    return f'<p>{escape(text)}</p>\n<p><a href="{escape(home)}">{escape(link)}</a></p>'


def _page(content: str, base: str, language: Language, status: int, redirect_uri: str = "") -> HTMLResponse:
    words = WORDS[language]
    html = PAGE.substitute(
        language=language, title=words["title"], name=words["name"], base=escape(base), content=content
    )
    # under `no-referrer` a browser sends the form with the origin `null`, which is nobody's
    headers = {"Content-Security-Policy": _policy(redirect_uri), "Referrer-Policy": "same-origin"}
    return HTMLResponse(html, status, {**headers, "Content-Language": language})


def _policy(redirect_uri: str) -> str:
    """Browsers hold the form's redirect to `form-action` too, so the client's origin is in it."""
    client = urlsplit(redirect_uri)
    origin = f" {client.scheme}://{client.netloc}" if client.netloc else ""
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        f"form-action 'self'{origin}; frame-ancestors 'none'; base-uri 'none'"
    )
