"""Guessing passwords: each further failure makes the next try wait longer. Nobody is locked out for good.

A try is counted before the password is looked at, so that many at once get one judged. Unknown logins are counted
alike. A browser that has signed in to the account before is counted apart: strangers cannot delay its owner.
"""

import hashlib
import math

from shared.errors import Refused
from shared.postgres import Conn

FREE = 3
"""Failures in a row that cost nothing: typing errors."""

LONGEST = 900
"""Seconds of the longest ordinary wait."""

CAP = 100
"""Failures in a row after which one try a day is left."""

DAY = 86_400


class TooManyTries(Refused):
    """Too many tries. Try again in {wait}."""

    code = "identity.too-many-tries"
    kind = "too-many"
    ru = "Слишком много попыток. Повторите через {wait}."

    def sentence(self, language: str) -> str:
        """The wait is spoken in the language too."""
        self.facts["wait"] = spoken(int(str(self.facts.get("retry_after", 1))), language)
        return super().sentence(language)


def subject(login_key: str, device: str | None) -> bytes:
    """Under which the tries are counted; it tells nobody the login."""
    return hashlib.sha256(f"{login_key}\n{device or ''}".encode("utf-8", "surrogatepass")).digest()


def wait(failures: int) -> int:
    """Seconds before the next try after so many failures in a row.

    >>> [wait(n) for n in (1, 3, 4, 5, 20, 100)]
    [0, 0, 2, 4, 900, 86400]
    """
    if failures <= FREE:
        return 0
    return DAY if failures >= CAP else int(min(2 ** min(failures - FREE, 20), LONGEST))


TRY = """
INSERT INTO guesses (subject, failures, free_at) VALUES (%(subject)s, 1, now())
ON CONFLICT (subject) DO UPDATE SET failures = guesses.failures + 1, at = now(),
  free_at = now() + make_interval(secs => CASE
    WHEN guesses.failures + 1 <= %(free)s THEN 0
    WHEN guesses.failures + 1 >= %(cap)s THEN %(day)s
    ELSE least(2 ^ least(guesses.failures + 1 - %(free)s, 20), %(longest)s) END)
WHERE guesses.free_at <= now()
RETURNING failures
"""
LEFT = "SELECT extract(epoch FROM free_at - now())::float8 FROM guesses WHERE subject = %s"
FORGET = "DELETE FROM guesses WHERE subject = %s"
SETTINGS = {"free": FREE, "cap": CAP, "day": DAY, "longest": LONGEST}


def count(conn: Conn, who: bytes) -> None:
    """Take a try, counted as a failure until `forgive`. Raises TooManyTries."""
    if conn.execute(TRY, {"subject": who, **SETTINGS}).fetchone() is None:
        row = conn.execute(LEFT, [who]).fetchone()
        seconds = max(1, math.ceil(row[0])) if row else 1
        raise TooManyTries("/password", retry_after=seconds)


def forgive(conn: Conn, who: bytes) -> None:
    """The password was right: the row of failures ends."""
    conn.execute(FORGET, [who])


def spoken(seconds: int, language: str) -> str:
    """A wait as people say it, rounded up.

    >>> spoken(61, "ru"), spoken(40, "en")
    ('2 мин', '40 s')
    """
    units = (("ч", "h", 3600), ("мин", "min", 60), ("с", "s", 1))
    russian, english, size = next(unit for unit in units if seconds >= unit[2])
    return f"{math.ceil(seconds / size)} {russian if language == 'ru' else english}"
