"""Who may see whom, by facts learnt from the roster's events: tables, the reaction that fills them, questions.

Every question takes a connection inside `postgres.scoped(conn, caller.scope)`: row-level security is the second
wall under it. README.md has the policy as a table.
"""

from pathlib import Path

from shared.access.facts import HANDLES, LEAVES, TABLES, apply, projection
from shared.access.questions import (
    GroupDay,
    Member,
    Tie,
    belongs_to_group,
    children_of,
    group_day,
    guardians_of,
    is_near,
    may_see_group,
    may_see_pupil,
    may_see_school,
    members,
    runs_school_of,
    school_of_group,
    schools_of_pupil,
    teachers_of,
    teaches,
    tutors_of,
    zone_of,
)
from shared.access.rights import OPERATOR, PORTAL, Held, Rights, client_id, rights, roles_of, schools_of

MIGRATIONS = Path(__file__).parent / "migrations"

__all__ = [
    "HANDLES", "LEAVES", "MIGRATIONS", "OPERATOR", "PORTAL", "TABLES", "GroupDay", "Held", "Member", "Rights", "Tie",
    "apply", "belongs_to_group", "children_of", "client_id", "group_day", "guardians_of", "is_near", "may_see_group",
    "may_see_pupil", "may_see_school", "members", "projection", "rights", "roles_of", "runs_school_of",
    "school_of_group", "schools_of", "schools_of_pupil", "teachers_of", "teaches", "tutors_of", "zone_of",
]  # fmt: skip
