"""Comments, remarks and signed weeks: given what was written, when somebody writes, then this happens."""

from datetime import date

from services.messaging.domain import comments, remarks, weeks
from services.messaging.domain.comments import Record, Thread, Write, thread_of
from services.messaging.domain.remarks import (
    Make,
    Remark,
    RemarkInFuture,
    RemarkIsShown,
    RemarkKnown,
    RemarkTakenBack,
    RemarkTooLongAgo,
)
from services.messaging.domain.texts import ReasonMissing, TextMissing
from services.messaging.domain.weeks import NoWeek, WeekToCome
from shared.contracts import seal
from shared.contracts.messaging import (
    CommentWritten,
    RemarkMade,
    RemarkReworded,
    RemarkShown,
    RemarkWithdrawn,
    WeekSigned,
)
from shared.errors import NotFound
from shared.testing.given import Given
from shared.testing.school import ALGEBRA, ANNA, OLGA, PAVEL, SCHOOL, day, id_of

WORK, FIRST, SECOND, REMARK = id_of("work"), id_of("first comment"), id_of("second comment"), id_of("remark")
BESIDE = Record("mark", WORK, ANNA, ALGEBRA, day(8))
ASK = Write(SCHOOL, BESIDE, FIRST, PAVEL, "guardian", frozenset({OLGA}), " Почему три? ")
thread = Given(comments.evolve, Thread())
asked = CommentWritten(
    thread_id=thread_of(WORK, ANNA), school_id=SCHOOL, about="mark", object_id=WORK, pupil_id=ANNA, group_id=ALGEBRA,
    on=day(8), comment_id=FIRST, author_id=PAVEL, author="guardian", readers=(OLGA,), text=seal(ANNA, "Почему три?"),
)  # fmt: skip

SAY = Make(REMARK, SCHOOL, ANNA, "incident", day(8), None, OLGA, False, "Драка")
remark = Given(remarks.evolve, Remark())
made = RemarkMade(
    remark_id=REMARK, school_id=SCHOOL, pupil_id=ANNA, kind="incident", on=day(8), author_id=OLGA, shown=False,
    text=seal(ANNA, "Драка"),
)  # fmt: skip
WHOSE = {"remark_id": REMARK, "school_id": SCHOOL, "pupil_id": ANNA}
shown = RemarkShown.model_validate({**WHOSE, "kind": "incident", "on": day(8), "text": seal(ANNA, "Ссора")})
withdrawn = RemarkWithdrawn.model_validate({**WHOSE, "on": day(8), "shown": False, "reason": seal(ANNA, "Ошибка")})


def test_a_comment_names_its_record_and_who_is_told() -> None:
    thread().when(comments.write, ASK).then(asked)


def test_an_answer_is_told_to_those_who_wrote_before_and_not_to_its_author() -> None:
    answer = Write(SCHOOL, BESIDE, SECOND, OLGA, "staff", frozenset({OLGA}), "Две ошибки")
    told = asked.model_copy(
        update={"comment_id": SECOND, "author_id": OLGA, "author": "staff", "readers": (PAVEL,),
                "text": seal(ANNA, "Две ошибки")}
    )  # fmt: skip
    thread(asked).when(comments.write, answer).then(told)


def test_a_comment_sent_twice_is_written_once_and_an_empty_one_never() -> None:
    thread(asked).when(comments.write, ASK).then()
    empty = Write(SCHOOL, BESIDE, SECOND, PAVEL, "guardian", frozenset(), "  ")
    thread(asked).when(comments.write, empty).refused(TextMissing)


def test_a_thread_stays_beside_its_first_record() -> None:
    moved = Write(SCHOOL, Record("lesson", WORK, ANNA, None, day(9)), SECOND, OLGA, "staff", frozenset(), "Да")
    said = thread(asked).when(comments.write, moved).events
    assert said is not None
    (event,) = said
    assert isinstance(event, CommentWritten)
    assert (event.about, event.group_id, event.on) == ("mark", ALGEBRA, day(8))


def test_a_remark_is_made_once_under_its_id() -> None:
    remark().when(remarks.make, SAY, day(8)).then(made)
    remark(made).when(remarks.make, SAY, day(9)).then()
    other = Make(REMARK, SCHOOL, ANNA, "praise", day(8), None, OLGA, False, "Драка")
    remark(made).when(remarks.make, other, day(9)).refused(RemarkKnown)


def test_a_remark_is_of_the_last_month() -> None:
    remark().when(remarks.make, SAY, day(7)).refused(RemarkInFuture)
    remark().when(remarks.make, SAY, date(2021, 10, 9)).then(made)
    remark().when(remarks.make, SAY, date(2021, 10, 10)).refused(RemarkTooLongAgo)


def test_its_author_rewords_a_remark_until_the_family_is_shown_it() -> None:
    reworded = RemarkReworded.model_validate(
        {**WHOSE, "kind": "incident", "on": day(8), "author_id": OLGA, "text": seal(ANNA, "Спор")}
    )
    remark(made).when(remarks.reword, " Спор ").then(reworded)
    remark(made, reworded).when(remarks.reword, " ").refused(TextMissing)
    remark(made, reworded).when(remarks.show, "Ссора").then(shown)
    remark(made, shown).when(remarks.reword, "Спор").refused(RemarkIsShown)
    remark(made, withdrawn).when(remarks.reword, "Спор").refused(RemarkTakenBack)
    remark().when(remarks.reword, "Спор").refused(NotFound)


def test_the_family_is_shown_a_remark_once_in_the_tutors_words() -> None:
    remark(made).when(remarks.show, "Ссора").then(shown)
    remark(made, shown).when(remarks.show, "Ссора").refused(RemarkIsShown)
    remark(made, withdrawn).when(remarks.show, "Ссора").refused(RemarkTakenBack)
    remark().when(remarks.show, "Ссора").refused(NotFound)


def test_a_remark_is_taken_back_with_a_reason_and_says_whether_it_had_been_shown() -> None:
    remark(made).when(remarks.withdraw, "Ошибка").then(withdrawn)
    remark(made, shown).when(remarks.withdraw, "Ошибка").then(withdrawn.model_copy(update={"shown": True}))
    remark(made).when(remarks.withdraw, " ").refused(ReasonMissing)
    remark(made, withdrawn).when(remarks.withdraw, "").then()


def test_a_week_is_signed_from_its_monday_and_not_before_it_begins() -> None:
    sign = Given(lambda state, event: state, None)
    monday = day(6)
    signed = WeekSigned(school_id=SCHOOL, pupil_id=ANNA, monday=monday, by_id=PAVEL)

    def signing(_: None, on: date, today: date) -> list[WeekSigned]:
        return [e for e in weeks.sign(SCHOOL, ANNA, on, PAVEL, today) if isinstance(e, WeekSigned)]

    sign().when(signing, monday, monday).then(signed)
    sign().when(signing, day(7), day(8)).refused(NoWeek)
    sign().when(signing, monday, day(5)).refused(WeekToCome)
