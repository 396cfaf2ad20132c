"""A school district that looks like life, made from a seed: OneRoster bundle, timetable, bells, holidays.

It knows nothing of the product: it writes the files that the imports take.
"""

from pathlib import Path

from deploy.demo.district import rows
from deploy.demo.district.bundle import opened
from deploy.demo.district.calendar import school_year
from deploy.demo.district.people import crossing_child, mother
from deploy.demo.district.plan import DISTRICT, ZONE, Cast, Counts, Nonsense, Plan
from deploy.demo.district.schools import crossings, form_id, forms, school
from deploy.demo.district.staff import staff

__all__ = ["DISTRICT", "ZONE", "Cast", "Counts", "Nonsense", "Plan", "cast", "write"]


def write(plan: Plan, folder: Path) -> Counts:
    """Write oneroster.zip, timetable.csv, bells.csv, holidays.csv into the folder, made if it is not there.

    The same plan gives the same bytes. Memory is that of one school; the disk holds the bundle unpacked for a while.
    """
    year = school_year(plan.year)
    counts = Counts()
    with opened(folder) as files:
        rows.district(files, plan, year)
        for index in range(1, plan.schools + 1):
            counts = rows.added(counts, rows.place(files, plan, index, year))
    return counts


def cast(plan: Plan) -> Cast:
    """The demo's visitors, as `write` writes them; shares out the hours of one school only."""
    first = crossings(plan, 1)[0]
    classes = forms(school(plan, 1))
    home = form_id(*first.one)
    number = next(place for place, form in enumerate(classes) if form.id == home)
    teacher = next(one for one in staff(plan, school(plan, 1), classes) if one.home == number)
    return Cast(
        teacher=teacher.id,
        parent=mother(first.id),
        pupil=crossing_child(first.id, False),
        sibling=crossing_child(first.id, True),
        head=rows.head(1),
        officer=rows.OFFICER,
        home=home,
    )
