"""What the school writes down of a child's behaviour, and who words it before the family reads it. Pure."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from services.messaging.domain.texts import ReasonMissing, text
from shared.contracts import Event
from shared.contracts.messaging import KindOfRemark, RemarkMade, RemarkReworded, RemarkShown, RemarkWithdrawn
from shared.errors import NotFound, Refused

BACK = timedelta(days=31)


class RemarkInFuture(Refused):
    """{on} is still to come. Choose today or an earlier day."""

    code = "messaging.remark-in-future"
    ru = "{on:%d.%m.%Y} ещё не наступило. Выберите сегодняшний или более ранний день."


class RemarkTooLongAgo(Refused):
    """Remarks are written of days since {since}."""

    code = "messaging.remark-too-long-ago"
    ru = "Записать можно о днях начиная с {since:%d.%m.%Y}."


class RemarkKnown(Refused):
    """This remark was sent already, with other contents."""

    code = "messaging.remark-known"
    kind = "conflict"
    ru = "Эта запись уже отправлена, с другим содержанием."


class RemarkIsShown(Refused):
    """The family reads this remark already."""

    code = "messaging.remark-is-shown"
    kind = "conflict"
    ru = "Семья уже видит эту запись."


class RemarkTakenBack(Refused):
    """This remark was taken back."""

    code = "messaging.remark-taken-back"
    kind = "conflict"
    ru = "Эта запись отозвана."


@dataclass(frozen=True, slots=True)
class Remark:
    made: RemarkMade | None = None
    shown: bool = False
    withdrawn: bool = False

    @property
    def stands(self) -> RemarkMade:
        """Raises NotFound if none was made."""
        if self.made is None:
            raise NotFound
        return self.made


@dataclass(frozen=True, slots=True)
class Make:
    """`shown`: the family reads it at once; if not, its tutor words it first."""

    remark_id: UUID
    school_id: UUID
    pupil_id: UUID
    kind: KindOfRemark
    on: date
    group_id: UUID | None
    author_id: UUID
    shown: bool
    text: str


def evolve(remark: Remark, event: Event) -> Remark:
    match event:
        case RemarkMade(shown=shown):
            return replace(remark, made=event, shown=shown)
        case RemarkShown():
            return replace(remark, shown=True)
        case RemarkWithdrawn():
            return replace(remark, withdrawn=True)
    return remark


def make(remark: Remark, command: Make, today: date) -> list[Event]:
    """`today` is the school's day."""
    if command.on > today:
        raise RemarkInFuture("/on", on=command.on)
    if command.on < today - BACK:
        raise RemarkTooLongAgo("/on", since=today - BACK)
    made = RemarkMade(
        remark_id=command.remark_id,
        school_id=command.school_id,
        pupil_id=command.pupil_id,
        kind=command.kind,
        on=command.on,
        group_id=command.group_id,
        author_id=command.author_id,
        shown=command.shown,
        text=text(command.pupil_id, command.text),
    )
    if remark.made is None:
        return [made]
    if made.model_copy(update={"text": remark.made.text}) == remark.made:
        return []
    raise RemarkKnown("/remark_id")


def reword(remark: Remark, words: str) -> list[Event]:
    """Its author writes it in other words, as long as the family reads none."""
    made = _waiting(remark)
    place = {"remark_id": made.remark_id, "school_id": made.school_id, "pupil_id": made.pupil_id}
    return [
        RemarkReworded(**place, kind=made.kind, on=made.on, author_id=made.author_id, text=text(made.pupil_id, words))
    ]


def show(remark: Remark, words: str) -> list[Event]:
    """Let the family read it in these words."""
    made = _waiting(remark)
    place = {"remark_id": made.remark_id, "school_id": made.school_id, "pupil_id": made.pupil_id}
    return [RemarkShown(**place, kind=made.kind, on=made.on, text=text(made.pupil_id, words))]


def _waiting(remark: Remark) -> RemarkMade:
    made = remark.stands
    if remark.withdrawn:
        raise RemarkTakenBack
    if remark.shown:
        raise RemarkIsShown
    return made


def withdraw(remark: Remark, reason: str) -> list[Event]:
    """Take it back. One that was taken back stays so."""
    made = remark.stands
    if remark.withdrawn:
        return []
    why = text(made.pupil_id, reason, "/reason", ReasonMissing)
    place = {"remark_id": made.remark_id, "school_id": made.school_id, "pupil_id": made.pupil_id}
    return [RemarkWithdrawn(**place, on=made.on, shown=remark.shown, reason=why)]
