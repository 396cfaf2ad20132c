"""What the roster decides: which described things changed, how a list with dates goes on. Pure.

Every thing is a stream of whole descriptions: a later one of the same type replaces the earlier.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, TypeVar
from uuid import UUID

from shared.contracts import CONTRACTS, Event, Json, Sealed
from shared.contracts.roster import Enrolment, PersonErased, RoleHeld
from shared.errors import Refused

Digests = Mapping[str, bytes]
"""Wire name of the event → digest of the last content of that type in the stream."""

Listed = TypeVar("Listed", Enrolment, RoleHeld)


class ImportUnderWay(Refused):
    """Another import of this district is being applied. Wait until it is done, or resume it."""

    code = "roster.import-under-way"
    kind = "conflict"
    ru = "Уже применяется другой импорт этого округа. Дождитесь его окончания или возобновите его."


class NothingToResume(Refused):
    """This import is not being applied: it is {state}."""

    code = "roster.nothing-to-resume"
    kind = "conflict"
    ru = "Этот импорт не применяется: его состояние «{state}»."


class KeyOfAnotherBundle(Refused):
    """This Idempotency-Key was used for another bundle."""

    code = "roster.key-of-another-bundle"
    ru = "Этот Idempotency-Key уже использован для другого набора."


class UploadTooLarge(Refused):
    """The file is larger than {limit} MB."""

    code = "roster.upload-too-large"
    kind = "too-large"
    ru = "Файл больше {limit} МБ."


class QueryTooShort(Refused):
    """Type at least {least} letters, or the whole number."""

    code = "roster.query-too-short"
    ru = "Введите хотя бы {least} буквы или номер целиком."


class NoSuchZone(Refused):
    """«{zone}» is no IANA time zone."""

    code = "roster.no-such-zone"
    ru = "«{zone}» не часовой пояс из базы IANA."


class NobodyToErase(Refused):
    """There is no such person in your district."""

    code = "roster.nobody-to-erase"
    kind = "missing"
    ru = "Такого человека в вашем округе нет."


class StillHere(Refused):
    """The person still has a role at a school: {role}. End it in the district's system and import that first."""

    code = "roster.still-here"
    kind = "conflict"
    ru = "У человека ещё есть роль в школе ({role}). Сначала завершите её в системе округа и загрузите изменения."


def erase(erased: bool, person: UUID, district: UUID, act: str) -> list[Event]:
    """Destroy a person's data, once: again it changes nothing, whatever act is named."""
    return [] if erased else [PersonErased(person_id=person, district_id=district, act=act)]


def canonical(event: Event) -> str:
    """The event as JSON with its sealed texts in the clear, for staging; `restored` reads it.

    Two events of one type say the same exactly when this is the same text.
    """
    sealed = {name: _clear(value) for name, value in event.__dict__.items() if isinstance(value, Sealed)}
    if not sealed:
        return event.model_dump_json(exclude_none=True)
    return json.dumps({**event.model_dump(mode="json", exclude_none=True), **sealed}, ensure_ascii=False)


def _clear(sealed: Sealed) -> Json:
    return {"owner_id": str(sealed.owner_id), "text": sealed.text}


def restored(type_: str, said: str) -> Event:
    return CONTRACTS[type_].model_validate_json(said)


def digest_of(said: str) -> bytes:
    return hashlib.sha256(said.encode()).digest()


def describe(known: Digests, wanted: Sequence[tuple[Event, bytes]]) -> list[Event]:
    """Of the wanted descriptions, each with its digest, those that say something new."""
    return [event for event, digest in wanted if known.get(event.TYPE) != digest]


def went_on(before: Iterable[Listed], now: Iterable[Listed], on: date) -> tuple[Listed, ...]:
    """The list as it goes on: all of `now`, and of `before` those no longer listed, ended the day before `on`.

    Two entries are the same when all but their last day and `primary` are equal. One that was to begin on `on` or later
    never took place and is left out; one that ended earlier keeps its last day. Given twice it changes nothing.
    """
    listed = {_place(entry): entry for entry in now}
    last = on - timedelta(days=1)
    for entry in before:
        if _place(entry) not in listed and entry.starts <= last:
            listed[_place(entry)] = entry.model_copy(update={"ends": min(entry.ends, last)})
    return tuple(listed[place] for place in sorted(listed))


def _place(entry: Enrolment | RoleHeld) -> tuple[int, str, date]:
    where = entry.person_id if isinstance(entry, Enrolment) else entry.school_id
    return where.int, entry.role, entry.starts


def search_key(text: str) -> str:
    """Lower case, ё as е, one space between words: what a search compares."""
    return " ".join(text.lower().replace("ё", "е").split())


ImportState = Literal["refused", "checked", "unchanged", "applying", "applied"]
"""A dry run ends in `refused`, `unchanged` or `checked`; `applying` goes on, over restarts, until `applied`."""
