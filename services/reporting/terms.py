"""Grades of terms: kept as they are told, shown once their school has published the term."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from services.reporting import learning
from shared.contracts import Json
from shared.contracts.envelope import Received
from shared.contracts.grades import TermGradeCorrected, TermGraded, TermPublished
from shared.postgres import Conn

Row = dict[str, Any]
TABLES = ("diary_terms", "diary_term_grades")

GIVE = """
INSERT INTO diary_term_grades
    (sheet_id, pupil_id, school_id, group_id, term_id, year_id, kind, title, starts, ends, scale, value, average, count,
     by_id, at, epoch, sequence, trace)
VALUES (%(sheet)s, %(pupil)s, %(school)s, %(group)s, %(term_id)s, %(year_id)s, %(kind)s, %(title)s, %(starts)s,
        %(ends)s, %(scale)s, %(value)s, %(average)s, %(count)s, %(by)s, %(at)s, %(epoch)s, %(sequence)s, %(trace)s)
ON CONFLICT (pupil_id, sheet_id) DO UPDATE SET scale = excluded.scale, value = excluded.value,
    average = excluded.average, count = excluded.count, by_id = excluded.by_id, at = excluded.at,
    epoch = excluded.epoch, sequence = excluded.sequence, trace = excluded.trace
"""
CORRECT = """
UPDATE diary_term_grades SET value = %(after)s, average = %(average)s, count = %(count)s, by_id = %(by)s, at = %(at)s,
    epoch = %(epoch)s, sequence = %(sequence)s, trace = %(trace)s, was = was || %(was)s
WHERE pupil_id = %(pupil)s AND sheet_id = %(sheet)s
"""
PUBLISH = """
INSERT INTO diary_terms (school_id, term_id, published_at, epoch, sequence, trace) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (school_id, term_id) DO NOTHING
"""


def graded(conn: Conn, run: list[Received]) -> None:
    rows: list[Json] = []
    for one in run:
        given = one.event
        assert isinstance(given, TermGraded)
        place = {"sheet": given.sheet_id, "school": given.school_id, "group": given.group_id, "scale": given.scale}
        of = {**place, **given.term.model_dump(), **_by(one)}
        rows += [
            {**of, "pupil": g.pupil_id, "value": g.value, "average": g.average, "count": g.count} for g in given.grades
        ]
    conn.cursor().executemany(GIVE, rows)


def corrected(conn: Conn, run: list[Received]) -> None:
    rows: list[Json] = []
    for one in run:
        change = one.event
        assert isinstance(change, TermGradeCorrected)
        why = {"reason": change.reason.text, "by": str(one.envelope.actor), "at": one.time.isoformat()}
        now = {"after": change.after, "average": change.average, "count": change.count}
        was = Jsonb([{"value": change.before, **why}])
        rows.append({**now, "was": was, "pupil": change.pupil_id, "sheet": change.sheet_id, **_by(one)})
    conn.cursor().executemany(CORRECT, rows)


def published(conn: Conn, run: list[Received]) -> None:
    rows = []
    for one in run:
        told = one.event
        assert isinstance(told, TermPublished)
        by = _by(one)
        rows.append((told.school_id, told.term.term_id, one.time, by["epoch"], by["sequence"], by["trace"]))
    conn.cursor().executemany(PUBLISH, rows)


def _by(one: Received) -> Json:
    when = {"by": one.envelope.actor, "at": one.time}
    return {**when, "epoch": one.envelope.epoch, "sequence": one.sequence, "trace": one.envelope.traceparent}


def touched(one: Received) -> Iterator[str]:
    """Pupils whose page changed, and the group whose list did."""
    match one.event:
        case TermGraded(shown=True, grades=grades):
            yield from (str(grade.pupil_id) for grade in grades)
        case TermGradeCorrected(shown=True, pupil_id=pupil):
            yield str(pupil)
        case TermPublished(pupils=pupils):
            yield from (str(pupil.pupil_id) for pupil in pupils)
    match one.event:
        case TermGraded(group_id=group) | TermGradeCorrected(group_id=group):
            yield str(group)


OF_PUPIL = """
SELECT g.term_id, g.year_id, g.kind, g.title, g.starts, g.ends, g.group_id, g.scale, g.value, g.average, g.count,
       g.by_id AS by, g.at, g.was, t.published_at
FROM diary_term_grades g JOIN diary_terms t USING (school_id, term_id)
WHERE g.pupil_id = %s ORDER BY g.ends, g.starts DESC, g.at
"""
TERM = ("term_id", "kind", "title", "starts", "ends", "published_at")
GRADE = ("term_id", "scale", "value", "average", "count", "by", "at", "was")


def of_pupil(conn: Conn, pupil: UUID, moment: datetime | None = None) -> list[Row]:
    """His published grades by school year, the newest first; each year has its terms and its subjects.

    A subject learnt in two groups of a year (he changed the class) is one, the later group's grade of a term counts.
    """
    rows = _then(conn, pupil, moment) if moment else _now(conn, pupil)
    subjects = learning.subjects(conn, {row["group_id"] for row in rows})
    years: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        if row["value"] is not None:
            years[row["year_id"]].append({**row, "subject": subjects.get(row["group_id"], "")})
    found = [_year(year, of_year) for year, of_year in years.items()]
    return sorted(found, key=lambda year: year["ends"], reverse=True)


def _year(year: UUID, rows: list[Row]) -> Row:
    terms = {row["term_id"]: {name: row[name] for name in TERM} for row in rows}
    grades: defaultdict[str, dict[UUID, Row]] = defaultdict(dict)
    for row in rows:
        grades[row["subject"]][row["term_id"]] = {name: row[name] for name in GRADE}
    return {
        "year_id": year,
        "starts": min(row["starts"] for row in rows),
        "ends": max(row["ends"] for row in rows),
        "terms": list(terms.values()),
        "subjects": [{"subject": name, "grades": list(grades[name].values())} for name in sorted(grades)],
    }


def finals(years: Sequence[Row], first: date, last: date, only: Collection[str] = ()) -> Row:
    """Of `of_pupil` the terms that end in the period: titles, and by subject its grades in that order («»: none)."""
    terms = {t["term_id"]: t for year in years for t in year["terms"] if first <= t["ends"] <= last}
    order = sorted(terms, key=lambda term: (terms[term]["ends"], -terms[term]["starts"].toordinal()))
    given: defaultdict[str, dict[UUID, str]] = defaultdict(dict)
    for year in years:
        for subject in year["subjects"]:
            if not only or subject["subject"] in only:
                given[subject["subject"]] |= {
                    g["term_id"]: g["value"] for g in subject["grades"] if g["term_id"] in terms
                }
    rows = [(name, [grades.get(term, "") for term in order]) for name, grades in sorted(given.items()) if grades]
    return {"terms": [terms[term]["title"] for term in order] if rows else [], "subjects": rows}


def _now(conn: Conn, pupil: UUID) -> list[Row]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(OF_PUPIL, [pupil]).fetchall()


THEN = """
SELECT g.sheet_id, g.term_id, g.year_id, g.kind, g.title, g.starts, g.ends, g.group_id, g.scale, t.published_at,
       h.type, h.by_id AS by, h.at, h.before, h.after, h.reason
FROM diary_term_grades g JOIN diary_terms t USING (school_id, term_id)
JOIN history_entries h ON h.object_id = g.sheet_id AND h.pupil_id = g.pupil_id
WHERE g.pupil_id = %(pupil)s AND t.published_at <= %(moment)s AND h.at <= %(moment)s
ORDER BY g.ends, g.starts DESC, g.sheet_id, split_part(h.event_id, ':', 2)::int
"""


def _then(conn: Conn, pupil: UUID, moment: datetime) -> list[Row]:
    """As they stood at the moment, from the audit journal, which does not keep the averages."""
    with conn.cursor(row_factory=dict_row) as cursor:
        entries = cursor.execute(THEN, {"pupil": pupil, "moment": moment}).fetchall()
    return [_stood(list(of_sheet)) for _, of_sheet in groupby(entries, key=lambda entry: entry["sheet_id"])]


def _stood(entries: list[Row]) -> Row:
    now = entries[-1]
    corrections = [entry for entry in entries if entry["type"] == TermGradeCorrected.TYPE]
    was = [
        {"value": entry["before"]["values"][0], "reason": entry["reason"], "by": entry["by"], "at": entry["at"]}
        for entry in corrections
    ]
    return {**now, "value": next(iter(now["after"]["values"]), None), "average": None, "count": 0, "was": was}


CHANGED = """
SELECT g.term_id, g.trace, last.epoch, last.sequence
FROM diary_term_grades g JOIN diary_terms t USING (school_id, term_id), LATERAL (
    SELECT * FROM (VALUES (g.epoch, g.sequence), (t.epoch, t.sequence)) AS v (epoch, sequence)
    ORDER BY epoch DESC, sequence DESC LIMIT 1) AS last
WHERE g.pupil_id = %(pupil)s AND (last.epoch, last.sequence) > (%(epoch)s, %(sequence)s)
ORDER BY last.epoch, last.sequence
"""


def changes(conn: Conn, pupil: UUID, since: tuple[int, int]) -> list[Row]:
    """Which of his terms say something else than at that place of the grades' topic, in its order."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(CHANGED, {"pupil": pupil, "epoch": since[0], "sequence": since[1]}).fetchall()


SHOWN = """(
    {h}.type <> 'diary.grades.marks-drafted.v1'
    AND ({h}.type NOT IN ('diary.grades.term-graded.v1', 'diary.grades.term-grade-corrected.v1') OR EXISTS (
        SELECT 1 FROM diary_term_grades g JOIN diary_terms t USING (school_id, term_id)
        WHERE g.sheet_id = {h}.object_id AND g.pupil_id = {h}.pupil_id)))"""
"""Whether families may see an entry of the audit journal."""

ERASED = """
    UPDATE diary_term_grades SET was = (
        SELECT coalesce(jsonb_agg(before || '{"reason": null}' ORDER BY place), '[]')
        FROM jsonb_array_elements(was) WITH ORDINALITY AS w (before, place))
    WHERE pupil_id = ANY (%(people)s) AND was @? '$[*].reason ? (@ != null)'
    """
