import type { Rolls, RollEntry } from "../api/attendance";
import type { GivenMark, Journal, Locked, Work } from "../api/grades";
import type { Lesson } from "../api/lessons";
import type { Member } from "../api/roster";

export type Column = {
  /** `marks/<work>`, or `lesson/<lesson>` for a lesson without a work. */
  key: string;
  /** The place in the grid: a lesson's empty column becomes its first work's without moving. */
  slot: string;
  /** The lesson's roll, as the queue names it. */
  roll: string;
  on: string;
  /** Day and number by which the services know the lesson: a moved one keeps those of the timetable. */
  known: { on: string; number: number };
  number: number;
  lesson: Lesson | null;
  work: Work | null;
  /** The first column of its day, where a line is drawn. */
  begins: boolean;
};

/**
 * Columns in order of date: a lesson's works, or one empty column for a lesson without any. A column that stood there
 * `before` keeps its slot, whatever another teacher has opened beside it: cells that are being typed in stay where they are.
 */
export function columnsOf(group: string, lessons: readonly Lesson[], journal: Journal, before: readonly Column[] = []): Column[] {
  const works = Map.groupBy(journal.works, (w) => w.lesson_id);
  const kept = new Map(before.map((c) => [c.work?.work_id, c.slot]));
  const found: Omit<Column, "begins">[] = [];
  for (const lesson of lessons) {
    const known = lesson.moved_from ?? { on: lesson.on, number: lesson.number };
    const place = { on: lesson.on, number: lesson.number, known, roll: rollOf(group, known), lesson };
    const own = works.get(lesson.lesson_id) ?? [];
    works.delete(lesson.lesson_id);
    if (own.length === 0) found.push({ key: `lesson/${lesson.lesson_id}`, slot: lesson.lesson_id, work: null, ...place });
    const slots = slotsOf(lesson.lesson_id, own, kept);
    own.forEach((work, n) => found.push({ key: `marks/${work.work_id}`, slot: slots[n] as string, work, ...place }));
  }
  // works of lessons that the timetable no longer has stay in sight
  for (const work of [...works.values()].flat()) {
    const known = { on: work.on, number: work.number };
    found.push({ key: `marks/${work.work_id}`, slot: work.work_id, work, lesson: null, ...known, known, roll: rollOf(group, known) });
  }
  found.sort((a, b) => a.on.localeCompare(b.on) || a.number - b.number);
  return found.map((column, n) => ({ ...column, begins: n === 0 || found[n - 1]?.on !== column.on }));
}

/** The lesson's own slot goes to the work that has it, else to the first that has none; the others' are named for them. */
function slotsOf(lesson: string, works: readonly Work[], kept: ReadonlyMap<string | undefined, string>): string[] {
  let free = !works.some((work) => kept.get(work.work_id) === lesson);
  return works.map((work) => {
    const slot = kept.get(work.work_id) ?? (free ? lesson : work.work_id);
    if (slot === lesson) free = false;
    return slot;
  });
}

const rollOf = (group: string, known: { on: string; number: number }) => `roll/${group}/${known.on}/${known.number}`;

/** Who looks, whether the whole group is his to write in (its teacher, the school's office and administrators), and which days are locked. */
export type Writer = { person: string; whole: boolean; locked: readonly Locked[] };

/** A substitute may write in the lessons he gives. */
export function mayWrite(column: Column, { person, whole }: Writer): boolean {
  return whole || column.lesson?.teacher_id === person;
}

/** Whether a council has begun on a term that the day is in. */
export const isLocked = (on: string, { locked }: Writer) => locked.some(({ first, last }) => first <= on && on <= last);

/** Why nothing can be written in a cell; null if it can. The word is a key of the translations. */
export type Lock = "future" | "cancelled" | "before" | "after" | "other" | "term" | null;

export function lockOf(column: Column, member: Member, today: string, writer: Writer): Lock {
  if (!mayWrite(column, writer)) return "other";
  if (column.lesson?.cancelled) return "cancelled";
  if (column.on > today) return "future";
  if (isLocked(column.on, writer)) return "term";
  if (column.on < member.starts) return "before";
  if (column.on > member.ends) return "after";
  return null;
}

export type Facts = { marks: Map<string, Map<string, GivenMark>>; presences: Map<string, Map<string, RollEntry>> };

/** Marks by work and pupil, presences by roll and pupil. A roll that is in the map has been taken. */
export function factsOf(group: string, journal: Journal, { rolls }: Rolls): Facts {
  return {
    marks: new Map(journal.works.map((w) => [`marks/${w.work_id}`, new Map(w.marks.map((m) => [m.pupil_id, m]))])),
    presences: new Map(rolls.map((r) => [rollOf(group, r), new Map(r.entries.map((e) => [e.pupil_id, e]))])),
  };
}

/** The column to open at: today's, else the last before today, else the first. */
export function openingColumn(columns: readonly Column[], today: string): number {
  const now = columns.findIndex((c) => c.on === today);
  if (now >= 0) return now;
  return Math.max(0, columns.findLastIndex((c) => c.on < today));
}
