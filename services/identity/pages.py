"""The sign-in page: plain HTML of the server, no script, in Russian or English."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse

from services.identity.demo import Button
from shared.web.language import Language

HERE = Path(__file__).parent
STYLE = (HERE / "sign_in.css").read_text("utf-8")

WORDS: dict[Language, dict[str, str]] = {
    "ru": {
        "title": "Вход — Школьный дневник", "name": "Школьный дневник", "login": "Логин", "password": "Пароль",
        "submit": "Войти", "wrong": "Неверный логин или пароль.", "stale": "Страница входа устарела.",
        "again": "Открыть вход заново", "bad": "Эта ссылка для входа составлена неверно.", "home": "На главную",
        "empty-login": "Введите логин.", "empty-password": "Введите пароль.",
        "demo": "Посмотрите, как это работает",
        "demo-says": "Это демонстрация: люди, уроки и оценки вымышлены. Выберите, кем войти, — пароль не нужен.",
        "typed": "Войти с паролем",
        "as-teacher": "Войти как учитель", "sees-teacher": "Уроки на сегодня, журнал, посещаемость",
        "as-parent": "Войти как родитель", "sees-parent": "Дневники детей: оценки, пропуски, сообщения",
        "as-pupil": "Войти как ученик", "sees-pupil": "Свой дневник: уроки, темы, оценки",
        "as-administrator": "Войти как директор", "sees-administrator": "Все классы, журналы и расписание школы",
        "as-officer": "Войти как сотрудник управления образования", "sees-officer": "Все школы района",
    },
    "en": {
        "title": "Sign in — School diary", "name": "School diary", "login": "Login", "password": "Password",
        "submit": "Sign in", "wrong": "Wrong login or password.", "stale": "This sign-in page has expired.",
        "again": "Open sign-in again", "bad": "This sign-in link is malformed.", "home": "To the start page",
        "empty-login": "Enter your login.", "empty-password": "Enter your password.",
        "demo": "See how it works",
        "demo-says": "This is a demo: people, lessons and marks are made up. Choose whom to sign in as; no password.",
        "typed": "Sign in with a password",
        "as-teacher": "Sign in as a teacher", "sees-teacher": "Today’s lessons, the journal, attendance",
        "as-parent": "Sign in as a parent", "sees-parent": "The children’s diaries: marks, absences, messages",
        "as-pupil": "Sign in as a pupil", "sees-pupil": "One’s own diary: lessons, topics, marks",
        "as-administrator": "Sign in as a head teacher",
        "sees-administrator": "All classes, their journals, the timetable",
        "as-officer": "Sign in as a district officer", "sees-officer": "All schools of the district",
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


DEMO = Template("""<section class="demo" aria-labelledby="demo">
<h2 id="demo">$title</h2>
<p>$says</p>
<form method="post" action="$base/sign-in">
<input type="hidden" name="request" value="$request">
<input type="hidden" name="csrf" value="$csrf">
$buttons
</form>
</section>
<h2>$typed</h2>
""")

BUTTON = Template("""<button class="person" type="submit" name="button" value="$account">
<strong>$role</strong>
<span>$name</span>
<small>$sees</small>
</button>""")


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
    buttons: Sequence[Button] = ()
    """A demo's people; empty everywhere else."""


def sign_in(form: Form, language: Language) -> HTMLResponse:
    """The form; 422 when it comes back with a mistake at a field."""
    words = WORDS[language]
    mistaken = bool(form.login_error or form.password_error)
    first = "login" if form.login_error or not form.login else "password"
    if form.buttons and not mistaken:
        first = ""  # the buttons come before the fields: the page is to be read from its top
    content = FORM.substitute(
        base=escape(form.base), request=escape(form.request), csrf=escape(form.csrf), login=escape(form.login),
        login_label=words["login"], password_label=words["password"], submit=words["submit"],
        **_state("login", form.login_error, first), **_state("password", form.password_error, first),
    )  # fmt: skip
    if form.buttons:
        content = _demo(form, words) + content
    return _page(content, form.base, language, 422 if mistaken else 200, form.redirect_uri)


def _demo(form: Form, words: dict[str, str]) -> str:
    buttons = (
        BUTTON.substitute(
            account=button.account_id, role=words[f"as-{button.role}"], name=escape(button.name),
            sees=words[f"sees-{button.role}"],
        )
        for button in form.buttons
    )  # fmt: skip
    return DEMO.substitute(
        title=words["demo"], says=words["demo-says"], typed=words["typed"], base=escape(form.base),
        request=escape(form.request), csrf=escape(form.csrf), buttons="\n".join(buttons),
    )  # fmt: skip


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
