"""One or two events of every type in its newest version, as they might happen; goldens are written from them once."""

from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from shared.contracts import Event, SealedFile, seal
from shared.contracts.attendance import (
    AbsenceAnnounced,
    AbsenceDecided,
    AbsenceWithdrawn,
    Paper,
    Presence,
    PresenceCorrected,
    RollEntry,
    RollTaken,
)
from shared.contracts.grades import (
    Bound,
    CouncilBegun,
    CouncilWithdrawn,
    Criterion,
    DraftMark,
    Graded,
    KindOfWork,
    Mark,
    MarkCorrected,
    MarkRemoved,
    MarksDrafted,
    MarksGiven,
    PhrasesSet,
    Points,
    PublicationPlanned,
    ReopeningAsked,
    ReopeningDecided,
    RuleSet,
    Session,
    SheetLocked,
    TargetSet,
    TermGrade,
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
    BellsOfDay,
    BellsSet,
    CalendarShared,
    CalendarWithdrawn,
    Cycle,
    Holiday,
    HolidaysSet,
    HomeworkSet,
    LessonCancelled,
    LessonMoved,
    LessonRestored,
    LessonSubstituted,
    Slot,
    TemplateKept,
    TemplateRemoved,
    TimetableSet,
    TopicWritten,
    lesson_id,
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
from shared.contracts.notify import (
    ConsentGiven,
    ConsentWithdrawn,
    FeedShared,
    FeedWithdrawn,
    ThresholdSet,
    Wish,
    WishesSet,
)
from shared.contracts.roster import (
    ClaimDecided,
    ClaimMade,
    ClaimWithdrawn,
    Enrolment,
    EnrolmentsSet,
    FamilySet,
    GroupClosed,
    GroupDescribed,
    ImportApplied,
    InvitationIssued,
    InvitationRedeemed,
    InvitationWithdrawn,
    PersonDescribed,
    PersonErased,
    RoleHeld,
    RolesSet,
    SchoolDescribed,
    Term,
    Tie,
    YearPlanned,
)


def some(name: str) -> UUID:
    """The same id for the same name, always."""
    return uuid5(NAMESPACE_URL, f"https://example.org/diary/{name}")


DISTRICT, SCHOOL, GROUP, WORK = some("district"), some("school"), some("group"), some("work")
ANNA, BORIS, MOTHER, TEACHER = some("anna"), some("boris"), some("mother"), some("teacher")
FIRST, LAST, DAY, NEXT = date(2026, 9, 1), date(2027, 5, 28), date(2026, 9, 14), date(2026, 9, 15)
LESSON = lesson_id(GROUP, DAY, 3)
PLACE = {"lesson_id": LESSON, "school_id": SCHOOL, "group_id": GROUP, "on": DAY, "number": 3}
COLUMN = {"work_id": WORK, "school_id": SCHOOL}
QUARTER = Session(
    term_id=some("Q1"),
    year_id=some("year"),
    kind="term",
    title="I четверть",
    starts=FIRST,
    ends=date(2026, 10, 25),
)
SHEET = {"sheet_id": some("sheet"), "school_id": SCHOOL, "group_id": GROUP, "term": QUARTER}
MISTAKE = seal(ANNA, "Ошибка при проверке: задача 5 решена верно")

ATTENDANCE: dict[str, Event] = {
    "full": RollTaken.model_validate(
        PLACE
        | {
            "entries": (
                RollEntry(pupil_id=ANNA, state="late", minutes=10, reason="transport"),
                RollEntry(pupil_id=BORIS, state="absent", reason="illness"),
                RollEntry(pupil_id=some("vera"), state="present"),
            )
        }
    ),
    "corrected": PresenceCorrected.model_validate(
        PLACE
        | {
            "pupil_id": ANNA,
            "before": Presence(state="absent", reason="unexcused"),
            "after": Presence(state="late", minutes=5),
            "note": seal(ANNA, "Пришла после звонка, не заметил"),
        }
    ),
    "not-in-the-roll-before": PresenceCorrected.model_validate(
        PLACE | {"pupil_id": BORIS, "after": Presence(state="present")}
    ),
    "announced": AbsenceAnnounced(
        absence_id=some("absence"),
        school_id=SCHOOL,
        pupil_id=ANNA,
        first=NEXT,
        last=NEXT,
        lessons=(1, 2),
        reason="illness",
        words=seal(ANNA, "Идём к врачу"),
    ),
    "announced-with-a-paper": AbsenceAnnounced(
        absence_id=some("absence"),
        school_id=SCHOOL,
        pupil_id=ANNA,
        first=FIRST,
        last=FIRST,
        reason="illness",
        paper=Paper(media="application/pdf", content=SealedFile(owner_id=ANNA, text="JVBERi0xLjQK")),
    ),
    "announced-for-days": AbsenceAnnounced(
        absence_id=some("absence"), school_id=SCHOOL, pupil_id=ANNA, first=FIRST, last=NEXT, reason="family"
    ),
    "accepted": AbsenceDecided(absence_id=some("absence"), school_id=SCHOOL, pupil_id=ANNA, accepted=True),
    "declined": AbsenceDecided(
        absence_id=some("absence"), school_id=SCHOOL, pupil_id=ANNA, accepted=False, words=seal(ANNA, "Нужна справка")
    ),
    "absence-withdrawn": AbsenceWithdrawn(absence_id=some("absence"), school_id=SCHOOL, pupil_id=ANNA),
}

REACHED = (Points(code="A", points=6), Points(code="К12", points=75))

GRADES: dict[str, Event] = {
    "five": RuleSet(
        school_id=SCHOOL,
        rule=1,
        scale="five",
        kinds=(KindOfWork(kind="lesson", weight="1"), KindOfWork(kind="test", weight="2.5")),
    ),
    "hundred": RuleSet(school_id=SCHOOL, rule=2, scale="hundred", kinds=()),
    "with-bounds": RuleSet(
        school_id=SCHOOL,
        rule=3,
        scale="pass",
        kinds=(KindOfWork(kind="project", weight="2"),),
        bounds=(Bound(value="pass", percent=60), Bound(value="fail", percent=0)),
    ),
    "full": WorkOpened.model_validate(
        COLUMN
        | {
            "group_id": GROUP,
            "lesson_id": LESSON,
            "on": DAY,
            "number": 3,
            "kind": "test",
            "weight": "2.5",
            "scale": "five",
            "rule": 1,
            "title": seal(SCHOOL, "Контрольная № 1: дроби"),
        }
    ),
    "untitled": WorkOpened.model_validate(
        COLUMN
        | {
            "group_id": GROUP,
            "lesson_id": LESSON,
            "on": DAY,
            "number": 0,
            "kind": "lesson",
            "weight": "1",
            "scale": "letters",
            "rule": 1,
        }
    ),
    "by-criteria": WorkOpened.model_validate(
        COLUMN
        | {
            "group_id": GROUP,
            "lesson_id": LESSON,
            "on": DAY,
            "number": 3,
            "kind": "project",
            "weight": "2",
            "scale": "five",
            "rule": 1,
            "criteria": (Criterion(code="A", most=8), Criterion(code="К12", most=100)),
        }
    ),
    "changed": WorkChanged(**COLUMN, kind="quiz", weight="1.5", title=seal(SCHOOL, "Самостоятельная")),
    "changed-untitled": WorkChanged(**COLUMN, kind="quiz", weight="0"),
    "removed": WorkRemoved(**COLUMN),
    "several-with-comment": MarksGiven(
        **COLUMN,
        marks=(
            Mark(pupil_id=ANNA, values=("4", "5"), comment=seal(ANNA, "Молодец, но следи за почерком 🙂")),
            Mark(pupil_id=BORIS, values=("not-attested",)),
        ),
    ),
    "extra-credit": MarksGiven(**COLUMN, marks=(Mark(pupil_id=BORIS, values=("103.25",)),)),
    "letters": MarksGiven(**COLUMN, marks=(Mark(pupil_id=BORIS, values=("A-", "pass", "exempt")),)),
    "points-by-criteria": MarksGiven(
        **COLUMN,
        marks=(
            Mark(pupil_id=ANNA, values=("4",), criteria=REACHED),
            Mark(pupil_id=BORIS, values=("exempt",)),
        ),
    ),
    "points-corrected": MarkCorrected(
        **COLUMN,
        pupil_id=ANNA,
        before=("4",),
        after=("2",),
        reason=MISTAKE,
        before_criteria=REACHED,
        after_criteria=(Points(code="A", points=0), Points(code="К12", points=7)),
    ),
    "points-removed": MarkRemoved(**COLUMN, pupil_id=ANNA, before=("4",), reason=MISTAKE, before_criteria=REACHED),
    "retake": MarkCorrected(
        **COLUMN, pupil_id=ANNA, before=("2",), after=("2", "4"), retake=("4",), reason=seal(ANNA, "Пересдача")
    ),
    "owed": MarksGiven(**COLUMN, marks=(Mark(pupil_id=ANNA, values=("missing",), due=FIRST),)),
    "owed-later": MarkCorrected(
        **COLUMN, pupil_id=ANNA, before=("missing",), after=("missing",), due=FIRST, reason=MISTAKE
    ),
    "recommended": MarksGiven(
        **COLUMN, marks=(Mark(pupil_id=ANNA, values=("3",), recommendation=seal(ANNA, "Повторите § 12")),)
    ),
    "recommended-in-a-draft": MarksDrafted(
        **COLUMN, marks=(DraftMark(pupil_id=ANNA, values=("3",), recommendation=seal(ANNA, "Повторите § 12")),)
    ),
    "target": TargetSet(target_id=some("target"), pupil_id=ANNA, school_id=SCHOOL, subject="Алгебра", value="4.5"),
    "target-taken-back": TargetSet(target_id=some("target"), pupil_id=ANNA, school_id=SCHOOL, subject="Алгебра"),
    "phrases": PhrasesSet(teacher_id=TEACHER, phrases=(seal(TEACHER, "Молодец!"), seal(TEACHER, "Повторите § 12"))),
    "owed-in-a-draft": MarksDrafted(**COLUMN, marks=(DraftMark(pupil_id=ANNA, values=("missing",), due=FIRST),)),
    "best-of-retakes": RuleSet(school_id=SCHOOL, rule=3, scale="five", kinds=(), retakes="best"),
    "mark-corrected": MarkCorrected(**COLUMN, pupil_id=ANNA, before=("4",), after=("5",), reason=MISTAKE),
    "mark-removed": MarkRemoved(**COLUMN, pupil_id=ANNA, before=("4", "5"), reason=MISTAKE),
    "draft": WorkOpened.model_validate(
        {**COLUMN, **PLACE, "kind": "test", "weight": "2", "scale": "five", "rule": 1, "draft": True}
    ),
    "drafted": MarksDrafted(
        **COLUMN,
        marks=(
            DraftMark(pupil_id=ANNA, values=("4",), comment=seal(ANNA, "Хорошо, но без проверки")),
            DraftMark(pupil_id=BORIS, values=()),
        ),
    ),
    "drafted-points": MarksDrafted(**COLUMN, marks=(DraftMark(pupil_id=ANNA, values=("4",), criteria=REACHED),)),
    "published": WorkPublished(**COLUMN),
    "planned": PublicationPlanned(**COLUMN, on=NEXT, time="18:00"),
    "planned-no-more": PublicationPlanned(**COLUMN),
    "term-graded": TermGraded(
        **SHEET,
        scale="five",
        rule=1,
        grades=(
            TermGrade(pupil_id=ANNA, value="5", average="4.58", count=12),
            TermGrade(pupil_id=BORIS, value="not-attested", count=0),
            TermGrade(pupil_id=some("vera"), average="3.00", count=1),
        ),
        shown=False,
    ),
    "term-grade-corrected": TermGradeCorrected(
        **SHEET, pupil_id=ANNA, before="4", after="5", average="4.58", count=12, reason=MISTAKE, shown=True
    ),
    "term-grade-taken-back": TermGradeCorrected(
        **SHEET, pupil_id=ANNA, before="not-attested", count=0, reason=MISTAKE, shown=False
    ),
    "council-begun": CouncilBegun(school_id=SCHOOL, term=QUARTER),
    "council-withdrawn": CouncilWithdrawn(
        school_id=SCHOOL, term=QUARTER, reason=seal(SCHOOL, "Перенесён на понедельник")
    ),
    "term-published": TermPublished(
        school_id=SCHOOL, term=QUARTER, on=LAST, pupils=(Graded(pupil_id=ANNA), Graded(pupil_id=BORIS))
    ),
    "year-published": TermPublished(
        school_id=SCHOOL,
        term=QUARTER.model_copy(update={"term_id": some("year"), "kind": "year", "title": "2026-2027"}),
        on=LAST,
        pupils=(),
    ),
    "reopening-asked": ReopeningAsked(**SHEET, reason=seal(SCHOOL, "Ученик сдал долг после педсовета")),
    "reopening-allowed": ReopeningDecided(**SHEET, allowed=True),
    "reopening-refused": ReopeningDecided(**SHEET, allowed=False, words=seal(SCHOOL, "Итоги уже утверждены")),
    "sheet-locked": SheetLocked(**SHEET),
}

LESSONS: dict[str, Event] = {
    "bells": BellsSet(
        school_id=SCHOOL,
        bells=(Bell(number=0, starts="07:45", ends="08:25"), Bell(number=1, starts="08:30", ends="09:15")),
    ),
    "full": TimetableSet(
        school_id=SCHOOL,
        starts=FIRST,
        ends=LAST,
        anchor=date(2026, 8, 31),
        slots=(
            Slot(
                group_id=GROUP,
                weekday=1,
                number=3,
                week="A",
                room="каб. 12",
                teacher_id=TEACHER,
                starts=FIRST,
                ends=LAST,
            ),
            Slot(group_id=GROUP, weekday=7, number=15, starts=FIRST, ends=LAST),
        ),
    ),
    "holidays": HolidaysSet(
        school_id=SCHOOL,
        holidays=(Holiday(starts=date(2026, 10, 26), ends=date(2026, 11, 3), title="Осенние каникулы"),),
    ),
    "shortened-day": BellsSet(
        school_id=SCHOOL,
        bells=(Bell(number=1, starts="08:30", ends="09:15"),),
        days=(BellsOfDay(on=FIRST, bells=(Bell(number=1, starts="08:30", ends="09:00"),)),),
    ),
    "cycle": TimetableSet(
        school_id=SCHOOL,
        starts=FIRST,
        ends=LAST,
        anchor=FIRST,
        slots=(Slot(group_id=GROUP, weekday=1, day=6, number=3, starts=FIRST, ends=LAST),),
        cycle=Cycle(days=6, weekdays=(1, 2, 3, 4, 5)),
    ),
    "holidays-of-a-class": HolidaysSet(
        school_id=SCHOOL,
        holidays=(Holiday(starts=FIRST, ends=FIRST, title="Каникулы первых классов", groups=(GROUP,)),),
    ),
    "cancelled": LessonCancelled.model_validate(PLACE | {"reason": seal(SCHOOL, "Авария отопления")}),
    "cancelled-without-words": LessonCancelled.model_validate(PLACE),
    "moved": LessonMoved.model_validate(PLACE | {"to_date": NEXT, "to_number": 0, "room": "Спортзал"}),
    "moved-same-room": LessonMoved.model_validate(PLACE | {"to_date": NEXT, "to_number": 6}),
    "substituted": LessonSubstituted.model_validate(PLACE | {"teacher_id": some("other teacher")}),
    "restored": LessonRestored.model_validate(PLACE),
    "topic": TopicWritten.model_validate(PLACE | {"topic": seal(SCHOOL, "Сложение дробей")}),
    "homework": HomeworkSet.model_validate(
        PLACE
        | {
            "task": seal(SCHOOL, "§ 12, № 345–348"),
            "due_on": NEXT,
            "due_number": 2,
            "minutes": 25,
            "written_on": FIRST,
            "written_at": "12:40",
            "late": True,
        }
    ),
    "no-homework": HomeworkSet.model_validate(PLACE | {"written_on": FIRST, "written_at": "12:40", "late": False}),
    "calendar": CalendarShared(
        calendar_id=some("calendar"), person_id=MOTHER, about_id=ANNA, secret_hash="0123456789abcdef" * 4
    ),
    "calendar-withdrawn": CalendarWithdrawn(calendar_id=some("calendar"), person_id=MOTHER),
}

PEOPLE = {"conversation_id": some("conversation"), "school_id": SCHOOL, "participants": (MOTHER, TEACHER)}

REMARK = {"remark_id": some("remark"), "school_id": SCHOOL, "pupil_id": ANNA}

MESSAGING: dict[str, Event] = {
    "about-a-pupil": ConversationOpened.model_validate(
        PEOPLE | {"pupil_id": ANNA, "subject": seal(MOTHER, "Успеваемость Анны")}
    ),
    "about-nobody": ConversationOpened.model_validate(PEOPLE | {"subject": seal(MOTHER, "Родительское собрание")}),
    "message": MessageSent.model_validate(
        PEOPLE | {"message_id": some("message"), "author_id": TEACHER, "text": seal(TEACHER, "Добрый день!\nЖду вас.")}
    ),
    "seen": MessagesSeen(
        conversation_id=some("conversation"), school_id=SCHOOL, person_id=MOTHER, message_id=some("message")
    ),
    "comment": CommentWritten(
        thread_id=some("thread"),
        school_id=SCHOOL,
        about="mark",
        object_id=some("work"),
        pupil_id=ANNA,
        group_id=GROUP,
        on=FIRST,
        comment_id=some("comment"),
        author_id=MOTHER,
        author="guardian",
        readers=(TEACHER,),
        text=seal(ANNA, "Можно пересдать?"),
    ),
    "comment-to-a-remark": CommentWritten(
        thread_id=some("thread"),
        school_id=SCHOOL,
        about="remark",
        object_id=some("remark"),
        pupil_id=ANNA,
        on=FIRST,
        comment_id=some("comment"),
        author_id=TEACHER,
        author="staff",
        readers=(),
        text=seal(ANNA, "Да"),
    ),
    "praise": RemarkMade.model_validate(
        REMARK
        | {
            "kind": "praise",
            "on": FIRST,
            "group_id": GROUP,
            "author_id": TEACHER,
            "shown": True,
            "text": seal(ANNA, "Помогла однокласснику"),
        }
    ),
    "incident": RemarkMade.model_validate(
        REMARK | {"kind": "incident", "on": FIRST, "author_id": TEACHER, "shown": False, "text": seal(ANNA, "Драка")}
    ),
    "remark-reworded": RemarkReworded.model_validate(
        REMARK | {"kind": "incident", "on": FIRST, "author_id": TEACHER, "text": seal(ANNA, "Драка на перемене")}
    ),
    "remark-shown": RemarkShown.model_validate(
        REMARK | {"kind": "incident", "on": FIRST, "text": seal(ANNA, "Ссора на перемене")}
    ),
    "remark-withdrawn": RemarkWithdrawn.model_validate(
        REMARK | {"on": FIRST, "shown": True, "reason": seal(ANNA, "Записано не тому ученику")}
    ),
    "week": WeekSigned(school_id=SCHOOL, pupil_id=ANNA, monday=date(2026, 9, 7), by_id=MOTHER),
}

NOTIFY: dict[str, Event] = {
    "template": TemplateKept(
        template_id=some("template"),
        person_id=TEACHER,
        title=seal(TEACHER, "Алгебра, 7 класс"),
        topics=seal(TEACHER, "Числовые выражения\nВыражения с переменными"),
    ),
    "template-removed": TemplateRemoved(template_id=some("template"), person_id=TEACHER),
    "threshold": ThresholdSet(person_id=MOTHER, pupil_id=ANNA, below="3.5"),
    "feed": FeedShared(feed_id=some("feed"), person_id=MOTHER, secret_hash="0123456789abcdef" * 4),
    "feed-withdrawn": FeedWithdrawn(feed_id=some("feed"), person_id=MOTHER),
    "threshold-taken-back": ThresholdSet(person_id=MOTHER, pupil_id=ANNA),
    "wishes": WishesSet(
        person_id=MOTHER, wishes=(Wish(kind="mark", channels=("portal", "email")), Wish(kind="message", channels=()))
    ),
    "consent": ConsentGiven(person_id=MOTHER, channel="email", address=seal(MOTHER, "мама@пример.рф")),
    "withdrawn": ConsentWithdrawn(person_id=MOTHER, channel="sms"),
}

IDENTITY: dict[str, Event] = {
    "opened": AccountOpened(account_id=some("account"), person_id=MOTHER),
    "closed": AccountClosed(account_id=some("account"), cause="person-left"),
    "password": PasswordChanged(account_id=some("account")),
}

NAMES = {"family_name": seal(ANNA, "Ёлкина"), "given_name": seal(ANNA, "Анна")}

ROSTER: dict[str, Event] = {
    "school": SchoolDescribed(
        school_id=SCHOOL,
        district_id=DISTRICT,
        kind="school",
        name="МБОУ «Средняя школа № 7»",
        code="07",
        time_zone="Asia/Yekaterinburg",
    ),
    "year": YearPlanned(
        year_id=some("year"),
        district_id=DISTRICT,
        title="2026–2027",
        starts=FIRST,
        ends=LAST,
        terms=(
            Term(term_id=some("half"), title="I полугодие", kind="term", starts=FIRST, ends=date(2026, 12, 30)),
            Term(
                term_id=some("quarter"),
                parent_id=some("half"),
                title="I четверть",
                kind="period",
                starts=FIRST,
                ends=date(2026, 10, 25),
            ),
        ),
    ),
    "group": GroupDescribed(
        group_id=GROUP,
        school_id=SCHOOL,
        title="5 «Б», математика",
        subject="Математика",
        course="MATH-5",
        room="12",
        starts=FIRST,
        ends=LAST,
    ),
    "group-without-room": GroupDescribed(
        group_id=GROUP, school_id=SCHOOL, title="5B", subject="Maths", course="M5", starts=FIRST, ends=LAST
    ),
    "homeroom": GroupDescribed(
        group_id=GROUP,
        school_id=SCHOOL,
        title="5 «Б»",
        subject="Классный час",
        course="HOME-5",
        starts=FIRST,
        ends=LAST,
        homeroom=True,
    ),
    "group-closed": GroupClosed(group_id=GROUP, school_id=SCHOOL, closed_on=DAY),
    "enrolments": EnrolmentsSet(
        group_id=GROUP,
        school_id=SCHOOL,
        enrolments=(
            Enrolment(person_id=ANNA, role="pupil", starts=FIRST, ends=DAY),
            Enrolment(person_id=TEACHER, role="teacher", starts=FIRST, ends=LAST, primary=True),
        ),
    ),
    "full": PersonDescribed.model_validate(
        {"person_id": ANNA, "district_id": DISTRICT}
        | NAMES
        | {
            "middle_name": seal(ANNA, "Сергеевна"),
            "birth_date": seal(ANNA, "2015-02-28"),
            "identifier": seal(ANNA, "0042"),
            "username": seal(ANNA, "elkina.a"),
            "email": seal(ANNA, "anna@example.org"),
            "phone": seal(ANNA, "+7 900 000-00-00"),
            "grade": "5",
        }
    ),
    "two-names-only": PersonDescribed.model_validate({"person_id": ANNA, "district_id": DISTRICT} | NAMES),
    "roles": RolesSet(person_id=TEACHER, roles=(RoleHeld(role="teacher", school_id=SCHOOL, starts=FIRST, ends=LAST),)),
    "family": FamilySet(
        pupil_id=ANNA, ties=(Tie(guardian_id=MOTHER, relation="parent", rights=("see", "act", "notices")),)
    ),
    "nobody-any-more": FamilySet(pupil_id=ANNA, ties=()),
    "family-by-school": FamilySet(
        pupil_id=ANNA, ties=(Tie(guardian_id=MOTHER, relation="relative", rights=(), by_school=True),)
    ),
    "claim": ClaimMade(
        claim_id=some("claim"),
        school_id=SCHOOL,
        guardian_id=MOTHER,
        guardian=seal(MOTHER, "Ёлкина Мария"),
        child=seal(MOTHER, "Ёлкина Анна"),
        class_title=seal(MOTHER, "5Б"),
        relation="parent",
    ),
    "claim-confirmed": ClaimDecided(claim_id=some("claim"), school_id=SCHOOL, guardian_id=MOTHER, pupil_id=ANNA),
    "claim-declined": ClaimDecided(claim_id=some("claim"), school_id=SCHOOL, guardian_id=MOTHER),
    "claim-withdrawn": ClaimWithdrawn(claim_id=some("claim"), school_id=SCHOOL),
    "invitation": InvitationIssued(
        invitation_id=some("invitation"),
        school_id=SCHOOL,
        pupil_id=ANNA,
        relation="guardian",
        rights=("see", "notices"),
        expires_on=DAY,
    ),
    "invitation-redeemed": InvitationRedeemed(
        invitation_id=some("invitation"), school_id=SCHOOL, pupil_id=ANNA, guardian_id=MOTHER
    ),
    "invitation-withdrawn": InvitationWithdrawn(invitation_id=some("invitation"), school_id=SCHOOL, pupil_id=ANNA),
    "erased": PersonErased(person_id=ANNA, district_id=DISTRICT, act="12 от 29.11.2026"),
    "import": ImportApplied(import_id=some("import"), district_id=DISTRICT, changed=4711),
}

SAMPLES: tuple[tuple[str, Event], ...] = tuple(
    (name, event)
    for service in (ATTENDANCE, GRADES, IDENTITY, LESSONS, MESSAGING, NOTIFY, ROSTER)
    for name, event in service.items()
)
