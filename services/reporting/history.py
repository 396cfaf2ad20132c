"""The audit journal of one object: who, when, what stood before and what stands after. From the event log alone.

What people write to each other and where letters go is in no journal; that they did is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.reporting import plans
from shared.contracts import Event, Json, Part
from shared.contracts.attendance import (
    AbsenceAnnounced,
    AbsenceDecided,
    AbsenceWithdrawn,
    Presence,
    PresenceCorrected,
    RollTaken,
)
from shared.contracts.envelope import Received
from shared.contracts.grades import (
    CouncilBegun,
    CouncilWithdrawn,
    MarkCorrected,
    MarkRemoved,
    MarksDrafted,
    MarksGiven,
    PhrasesSet,
    PublicationPlanned,
    ReopeningAsked,
    ReopeningDecided,
    RuleSet,
    SheetLocked,
    TargetSet,
    TermGradeCorrected,
    TermGraded,
    TermPublished,
    WorkChanged,
    WorkOpened,
    WorkPublished,
    WorkRemoved,
)
from shared.contracts.identity import AccountClosed, AccountOpened, PasswordChanged
from shared.contracts.lessons import (
    Bell,
    BellsSet,
    CalendarShared,
    CalendarWithdrawn,
    Holiday,
    HolidaysSet,
    HomeworkSet,
    LessonCancelled,
    LessonMoved,
    LessonRestored,
    LessonSubstituted,
    TemplateKept,
    TemplateRemoved,
    TimetableSet,
    TopicWritten,
)
from shared.contracts.messaging import (
    CommentWritten,
    ConversationOpened,
    MessageSent,
    MessagesSeen,
    RemarkMade,
    RemarkReworded,
    RemarkShown,
    RemarkWithdrawn,
    WeekSigned,
)
from shared.contracts.notify import ConsentGiven, ConsentWithdrawn, FeedShared, FeedWithdrawn, ThresholdSet, WishesSet
from shared.contracts.roster import (
    ClaimDecided,
    ClaimMade,
    ClaimWithdrawn,
    FamilySet,
    ImportApplied,
    InvitationIssued,
    InvitationRedeemed,
    InvitationWithdrawn,
    PersonDescribed,
    PersonErased,
    RolesSet,
    SchoolDescribed,
    YearPlanned,
)
from shared.postgres import Conn, records
from shared.stream import Projection


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one object. `before` and `after` are its plain fields; None: nothing stood, or nothing stands.

    An event that tells the whole of its object has no `before`: it is the entry that stood until then.
    """

    object_id: UUID
    group_id: UUID | None = None
    pupil_id: UUID | None = None
    before: Json | None = None
    after: Json | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OfAccount(Entry):
    """Its owner is known from the account's own first entry, which comes before."""


# an account's later events do not say whose it is, and it is that person who has it in his journal
INSERT = """
INSERT INTO history_entries
    (service, event_id, part, school_id, object_id, group_id, pupil_id, type, by_id, at, before, after, reason)
SELECT service, event, part, coalesce(owner, school), object,
       coalesce(t."group", (SELECT group_id FROM history_entries WHERE object_id = t.object AND part = 0 LIMIT 1)),
       coalesce(pupil, owner), type, by, at, before, after, reason
FROM json_to_recordset(%s) AS e (service text, event text, school uuid, type text, by uuid, at timestamptz,
                                 entries json),
     json_to_recordset(entries) AS t (
         part int, object uuid, "group" uuid, pupil uuid, before jsonb, after jsonb, reason text),
     LATERAL (SELECT CASE WHEN service = 'identity' THEN coalesce(pupil, (
         SELECT pupil_id FROM history_entries WHERE object_id = t.object AND part = 0 LIMIT 1)) END) AS o (owner)
ON CONFLICT (service, event_id, part) DO NOTHING
"""
TABLES = ("history_entries", plans.TABLE)
CHANGED = ("service", "event", "school", "type", "by", "at", "entries")


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """One row for each entry of each event, and of a plan the whole. A work's group is known from its first row."""
    rows = []
    groups: dict[UUID, UUID] = {}  # those of this batch, which the statement cannot see yet
    owners: dict[UUID, UUID] = {}
    for one in received:
        if entries := ENTRIES.get(type(one.event)):
            said = [_row(part, _owned(entry, owners), groups) for part, entry in enumerate(entries(one.event))]
            who = (one.envelope.key, one.envelope.type, one.envelope.actor, one.time)
            rows.append((one.envelope.service, one.id, *who, said))
    conn.execute(INSERT, [records(CHANGED, rows)])
    plans.keep(conn, received)


def _row(part: int, entry: Entry, groups: dict[UUID, UUID]) -> Json:
    """`groups` by object: asked, and told what the entry knows."""
    group = entry.group_id or groups.get(entry.object_id)
    if group:
        groups[entry.object_id] = group
    whose = {"part": part, "object": entry.object_id, "group": group, "pupil": entry.pupil_id}
    return {**whose, "before": entry.before or None, "after": entry.after or None, "reason": entry.reason}


def _owned(entry: Entry, owners: dict[UUID, UUID]) -> Entry:
    """`owners` by account: asked, and told what the entry knows."""
    if not isinstance(entry, OfAccount):
        return entry
    if entry.pupil_id:
        owners[entry.object_id] = entry.pupil_id
    return replace(entry, pupil_id=owners.get(entry.object_id))


def _work(event: Event) -> Iterator[Entry]:
    match event:
        case WorkOpened(work_id=work, group_id=group):
            yield Entry(work, group, after=_column(event))
        case WorkChanged(work_id=work):
            yield Entry(work, after=_column(event))
        case WorkRemoved(work_id=work):
            yield Entry(work)
        case WorkPublished(work_id=work):
            yield Entry(work, after={"draft": False})
        case PublicationPlanned(work_id=work, on=on, time=time):
            yield Entry(work, after={"publication": f"{on} {time}" if on else None})


def _column(work: WorkOpened | WorkChanged) -> Json:
    criteria = _criteria(work.criteria) if isinstance(work, WorkOpened) else {}
    return {"kind": work.kind, "weight": work.weight, "title": work.title and work.title.text, **criteria}


def _marks(event: Event) -> Iterator[Entry]:
    match event:
        case MarksGiven(work_id=work, marks=marks) | MarksDrafted(work_id=work, marks=marks):
            for mark in marks:
                comment = mark.comment and mark.comment.text
                advice = {"recommendation": mark.recommendation.text} if mark.recommendation else {}
                said = {"values": mark.values, "comment": comment, **advice}
                after = {**said, **_criteria(mark.criteria), **_due(mark.due)}
                yield Entry(work, None, mark.pupil_id, after=after)
        case MarkCorrected(work_id=work, pupil_id=pupil, reason=reason):
            after = {"values": event.after, **_criteria(event.after_criteria), **_due(event.due)}
            after |= {"retake": list(event.retake)} if event.retake else {}
            yield Entry(work, None, pupil, _before(event), after, reason.text)
        case MarkRemoved(work_id=work, pupil_id=pupil, reason=reason):
            yield Entry(work, None, pupil, _before(event), None, reason.text)


def _due(due: date | None) -> Json:
    return {"due": due.isoformat()} if due else {}


def _before(change: MarkCorrected | MarkRemoved) -> Json:
    return {"values": change.before, **_criteria(change.before_criteria)}


def _criteria(parts: Sequence[Part]) -> Json:
    """What a column's criteria are worth, or the points of a mark; nothing where there are none."""
    return {"criteria": [part.model_dump() for part in parts]} if parts else {}


def _sheet(event: Event) -> Iterator[Entry]:
    match event:
        case TermGraded(sheet_id=sheet, group_id=group, term=term):
            for grade in event.grades:
                yield Entry(sheet, group, grade.pupil_id, after={"term": term.title, "values": _grade(grade.value)})
        case TermGradeCorrected(sheet_id=sheet, group_id=group, term=term, pupil_id=pupil, reason=reason):
            after = {"term": term.title, "values": _grade(event.after)}
            yield Entry(sheet, group, pupil, {"values": _grade(event.before)}, after, reason.text)
        case ReopeningAsked(sheet_id=sheet, group_id=group, term=term, reason=reason):
            yield Entry(sheet, group, after={"term": term.title, "reopening": "asked"}, reason=reason.text)
        case ReopeningDecided(sheet_id=sheet, group_id=group, term=term, words=words):
            said = {"term": term.title, "reopening": "allowed" if event.allowed else "refused"}
            yield Entry(sheet, group, after=said, reason=words.text if words else None)
        case SheetLocked(sheet_id=sheet, group_id=group, term=term):
            yield Entry(sheet, group, after={"term": term.title, "reopening": "ended"})


def _grade(value: str | None) -> list[str]:
    return [value] if value else []


def _council(event: Event) -> Iterator[Entry]:
    match event:
        case CouncilBegun(school_id=school, term=term):
            yield Entry(school, after={"term": term.title, "stage": "council"})
        case CouncilWithdrawn(school_id=school, term=term, reason=reason):
            yield Entry(school, after={"term": term.title, "stage": "open"}, reason=reason.text)
        case TermPublished(school_id=school, term=term):
            yield Entry(school, after={"term": term.title, "stage": "published"})


def _roll(event: Event) -> Iterator[Entry]:
    match event:
        case RollTaken(lesson_id=lesson, group_id=group, entries=entries):
            for entry in entries:
                yield Entry(lesson, group, entry.pupil_id, after=_said(entry))
        case PresenceCorrected(lesson_id=lesson, group_id=group, pupil_id=pupil, before=before, after=after, note=note):
            reason = note.text if note else None
            yield Entry(lesson, group, pupil, _said(before) if before else None, _said(after), reason)


def _absence(event: Event) -> Iterator[Entry]:
    match event:
        case AbsenceAnnounced(absence_id=absence, pupil_id=pupil, words=words):
            after: Json = {"starts": event.first.isoformat(), "ends": event.last.isoformat(), "cause": event.reason}
            yield Entry(absence, None, pupil, after=after, reason=words.text if words else None)
        case AbsenceDecided(absence_id=absence, pupil_id=pupil, words=words):
            said = "accepted" if event.accepted else "declined"
            yield Entry(absence, None, pupil, after={"absence": said}, reason=words.text if words else None)
        case AbsenceWithdrawn(absence_id=absence, pupil_id=pupil):
            yield Entry(absence, None, pupil, after={"absence": "withdrawn"})


def _said(presence: Presence) -> Json:
    return presence.model_dump(include={"state", "minutes", "reason"}, exclude_none=True)


def _lesson(event: Event) -> Iterator[Entry]:
    match event:
        case TopicWritten(lesson_id=lesson, group_id=group, topic=topic):
            yield Entry(lesson, group, after={"topic": topic.text})
        case HomeworkSet(lesson_id=lesson, group_id=group, task=task):
            fields = {"due_on", "due_number", "minutes", "written_on", "written_at", "late"}
            said = event.model_dump(mode="json", include=fields)
            yield Entry(lesson, group, after={"task": task and task.text, **said})
        case LessonCancelled(lesson_id=lesson, group_id=group, reason=reason):
            yield Entry(lesson, group, after={"cancelled": True}, reason=reason.text if reason else None)
        case LessonMoved(lesson_id=lesson, group_id=group, on=on, number=number, to_date=to, to_number=to_number):
            before, after = {"on": str(on), "number": number}, {"on": str(to), "number": to_number}
            yield Entry(lesson, group, before=before, after=after)
        case LessonRestored(lesson_id=lesson, group_id=group, on=on, number=number):
            yield Entry(lesson, group, after={"on": str(on), "number": number})
        case LessonSubstituted(lesson_id=lesson, group_id=group, teacher_id=teacher):
            yield Entry(lesson, group, after={"teacher_id": str(teacher)})


def _school(event: Event) -> Iterator[Entry]:
    match event:
        case RuleSet(school_id=school, rule=rule, scale=scale):
            kinds = [f"{each.kind} × {each.weight}" for each in event.kinds]
            yield Entry(school, after={"rule": rule, "scale": scale, "kinds": kinds})
        case TimetableSet(school_id=school, starts=starts, ends=ends, cycle=cycle):
            by = {"cycle": f"{cycle.days}, {event.anchor}"} if cycle else {}
            yield Entry(school, after={"starts": str(starts), "ends": str(ends), "slots": len(event.slots), **by})
        case BellsSet(school_id=school, bells=bells, days=days):
            of_days = [f"{day.on} {rung}" for day in days for rung in _rung(day.bells)]
            yield Entry(school, after={"bells": [*_rung(bells), *of_days]})
        case HolidaysSet(school_id=school, holidays=free):
            yield Entry(school, after={"holidays": [_free(one) for one in free]})


def _rung(bells: Iterable[Bell]) -> list[str]:
    return [f"{one.number}: {one.starts}-{one.ends}" for one in bells]


def _free(one: Holiday) -> str:
    """Of some classes only it says of how many: titles of groups are the roster's."""
    return f"{one.title} {one.starts} - {one.ends}" + (f" ({len(one.groups)})" if one.groups else "")


def _rights(event: Event) -> Iterator[Entry]:
    """Their key is the person, not a school: they are found by the person."""
    match event:
        case RolesSet(person_id=person, roles=roles):
            yield Entry(person, None, person, after={"roles": [f"{r.role} {r.starts} - {r.ends}" for r in roles]})
        case FamilySet(pupil_id=pupil, ties=ties):
            yield Entry(pupil, None, pupil, after={"guardians": sum(bool(tie.rights) for tie in ties)})
            for tie in ties:
                yield Entry(tie.guardian_id, None, pupil, after={"relation": tie.relation, "rights": list(tie.rights)})
        case PersonErased(person_id=person, act=act):
            yield Entry(person, None, person, after={"act": act})
        case ImportApplied(import_id=import_id, changed=changed):
            yield Entry(import_id, after={"changed": changed})


def _request(event: Event) -> Iterator[Entry]:
    """Of the child, as soon as the school knows whom a claim is about; until then of who claims."""
    match event:
        case ClaimMade(claim_id=claim, guardian_id=guardian, relation=relation):
            yield Entry(claim, None, guardian, after={"claim": "made", "relation": relation})
        case ClaimDecided(claim_id=claim, guardian_id=guardian, pupil_id=pupil):
            yield Entry(claim, None, pupil or guardian, after={"claim": "confirmed" if pupil else "declined"})
        case ClaimWithdrawn(claim_id=claim):
            yield Entry(claim, after={"claim": "withdrawn"})
        case InvitationIssued() as issued:
            what = {"relation": issued.relation, "rights": list(issued.rights), "ends": str(issued.expires_on)}
            yield Entry(issued.invitation_id, None, issued.pupil_id, after={"invitation": "issued", **what})
        case InvitationRedeemed(invitation_id=invitation, pupil_id=pupil):
            yield Entry(invitation, None, pupil, after={"invitation": "redeemed"})
        case InvitationWithdrawn(invitation_id=invitation, pupil_id=pupil):
            yield Entry(invitation, None, pupil, after={"invitation": "withdrawn"})


def _account(event: Event) -> Iterator[Entry]:
    match event:
        case AccountOpened(account_id=account, person_id=person):
            yield OfAccount(account, None, person, after={"account": "open"})
        case AccountClosed(account_id=account, cause=cause):
            yield OfAccount(account, after={"account": "closed", "cause": cause})
        case PasswordChanged(account_id=account):
            yield OfAccount(account, after={"password": "changed"})


def _written(event: Event) -> Iterator[Entry]:
    """In the journal of the one who wrote alone, not of the child it is about: whoever may see that is none of it."""
    match event:
        case ConversationOpened(conversation_id=conversation, participants=people):
            yield Entry(conversation, None, people[0], after={"participants": len(people)})
        case MessageSent(conversation_id=conversation, author_id=author, participants=people):
            yield Entry(conversation, None, author, after={"participants": len(people)})
        case CommentWritten(thread_id=thread, group_id=group, author_id=author, about=about):
            yield Entry(thread, group, author, after={"comment": about})
        case WeekSigned(pupil_id=pupil, monday=monday):
            yield Entry(pupil, None, pupil, after={"week": monday.isoformat()})


def _remark(event: Event) -> Iterator[Entry]:
    """What the school wrote of a child is in no journal that its family reads before it was shown."""
    match event:
        case RemarkMade(remark_id=remark, group_id=group, pupil_id=pupil, kind=kind, text=text, shown=shown):
            said = {"remark": kind, "on": event.on.isoformat(), "text": text.text if shown else None}
            yield Entry(remark, group, pupil if shown else event.author_id, after=said)
        case RemarkReworded(remark_id=remark, author_id=author, kind=kind):
            yield Entry(remark, None, author, after={"remark": kind, "on": event.on.isoformat(), "text": None})
        case RemarkShown(remark_id=remark, pupil_id=pupil, kind=kind, text=text):
            yield Entry(remark, None, pupil, after={"remark": kind, "on": event.on.isoformat(), "text": text.text})
        case RemarkWithdrawn(remark_id=remark, pupil_id=pupil, shown=shown, reason=reason):
            taken: Json = {"remark": "withdrawn"}
            yield Entry(remark, None, pupil if shown else None, after=taken, reason=reason.text if shown else None)


def _target(event: Event) -> Iterator[Entry]:
    assert isinstance(event, TargetSet)
    after = {"subject": event.subject, "target": event.value}
    yield Entry(event.target_id, None, event.pupil_id, after=after)


def _told(event: Event) -> Iterator[Entry]:
    match event:
        case WishesSet(person_id=person, wishes=wishes):
            told = [f"{wish.kind} {'/'.join(wish.channels) or '-'}" for wish in wishes]
            yield Entry(person, None, person, after={"wishes": told})
        case ConsentGiven(person_id=person, channel=channel):
            yield Entry(person, None, person, after={"consent": "given", "channel": channel})
        case ConsentWithdrawn(person_id=person, channel=channel):
            yield Entry(person, None, person, after={"consent": "withdrawn", "channel": channel})
        case ThresholdSet(person_id=person, below=below):
            yield Entry(person, None, person, after={"threshold": below})
        case FeedShared(feed_id=feed, person_id=person):
            yield Entry(feed, None, person, after={"feed": "shared"})
        case FeedWithdrawn(feed_id=feed, person_id=person):
            yield Entry(feed, None, person, after={"feed": "withdrawn"})
        case CalendarShared(calendar_id=calendar, person_id=person, about_id=about):
            yield Entry(calendar, None, about, after={"calendar": "shared"})
        case CalendarWithdrawn(calendar_id=calendar, person_id=person):
            yield Entry(calendar, None, person, after={"calendar": "withdrawn"})


ENTRIES: dict[type[Event], Callable[[Event], Iterator[Entry]]] = {
    WorkOpened: _work,
    WorkChanged: _work,
    WorkRemoved: _work,
    WorkPublished: _work,
    PublicationPlanned: _work,
    MarksGiven: _marks,
    MarksDrafted: _marks,
    MarkCorrected: _marks,
    MarkRemoved: _marks,
    TermGraded: _sheet,
    TermGradeCorrected: _sheet,
    ReopeningAsked: _sheet,
    ReopeningDecided: _sheet,
    SheetLocked: _sheet,
    CouncilBegun: _council,
    CouncilWithdrawn: _council,
    TermPublished: _council,
    RollTaken: _roll,
    PresenceCorrected: _roll,
    AbsenceAnnounced: _absence,
    AbsenceDecided: _absence,
    AbsenceWithdrawn: _absence,
    TopicWritten: _lesson,
    HomeworkSet: _lesson,
    LessonCancelled: _lesson,
    LessonMoved: _lesson,
    LessonSubstituted: _lesson,
    LessonRestored: _lesson,
    TargetSet: _target,
    RuleSet: _school,
    TimetableSet: _school,
    BellsSet: _school,
    HolidaysSet: _school,
    RolesSet: _rights,
    FamilySet: _rights,
    ClaimMade: _request,
    ClaimDecided: _request,
    ClaimWithdrawn: _request,
    InvitationIssued: _request,
    InvitationRedeemed: _request,
    InvitationWithdrawn: _request,
    PersonErased: _rights,
    ImportApplied: _rights,
    AccountOpened: _account,
    AccountClosed: _account,
    PasswordChanged: _account,
    ConversationOpened: _written,
    MessageSent: _written,
    CommentWritten: _written,
    WeekSigned: _written,
    RemarkMade: _remark,
    RemarkReworded: _remark,
    RemarkShown: _remark,
    RemarkWithdrawn: _remark,
    WishesSet: _told,
    ThresholdSet: _told,
    ConsentGiven: _told,
    ConsentWithdrawn: _told,
    FeedShared: _told,
    FeedWithdrawn: _told,
    CalendarShared: _told,
    CalendarWithdrawn: _told,
}
# the rest of the roster is an import's, which is one operation
LEAVES: frozenset[type[Event]] = frozenset(
    {SchoolDescribed, YearPlanned, PersonDescribed, MessagesSeen, PhrasesSet, TemplateKept, TemplateRemoved}
)


PROJECTION = Projection(
    name="reporting.history.1",
    topics=(
        "diary.roster", "diary.lessons", "diary.grades", "diary.attendance", "diary.identity", "diary.messaging",
        "diary.notify",
    ),
    apply=apply,
    handles=frozenset(ENTRIES) | plans.PLANNED,
    leaves=LEAVES,
    tables=TABLES,
    opens=True,
)  # fmt: skip
