import { addressOf, read } from "./http";
import type { Holiday } from "./lessons";

export type GivenLesson = {
  lesson_id: string;
  group_id: string;
  school_id: string;
  title: string;
  subject: string;
  on: string;
  number: number;
  starts: string | null;
  ends: string | null;
  room: string | null;
  cancelled: boolean;
  substituted: boolean;
  moved_from: { on: string; number: number } | null;
  /** It is over by the school's clock. */
  held: boolean;
  roll: { present: number; absent: number; late: number } | null;
  works: number;
  marks: number;
  topic: string | null;
  /** What is to be done after it, «» if nothing is; null: nobody has said. */
  homework: string | null;
};
/** `now` is the school's local time, «10:42». */
export type SchoolNow = { school_id: string; today: string; now: string };
export type LessonsGiven = { schools: SchoolNow[]; lessons: GivenLesson[]; holidays: Holiday[] };

/** Of one pupil in one lesson. `share` in per cent: «95.2»; null before the first roll. */
export type Places = { present: number; absent: number; late: number; share: string | null };
export type Figures = {
  on: string;
  holiday: string | null;
  pupils: number;
  absent: number;
  late: number;
  unexcused: number;
  places: Places;
  lessons: { planned: number; cancelled: number; held: number; taken: number };
  marks: number;
};
export type OfClass = {
  name: string;
  held: number;
  missing: number;
  absent: number;
  late: number;
  unexcused: number;
  share: string | null;
};
export type MissingRoll = {
  lesson_id: string;
  group_id: string;
  title: string;
  subject: string;
  number: number;
  starts: string | null;
  room: string | null;
  teacher: string | null;
  roll: { on: string; number: number };
};
export type Away = {
  pupil_id: string;
  name: string | null;
  class: string;
  unexcused: boolean;
  lessons: { number: number; state: "absent" | "late"; minutes: number | null; reason: string | null }[];
};
export type DayOfPlaces = Places & { on: string };
export type SchoolDay = Figures & {
  today: string;
  now: string | null;
  by: "class" | "subject";
  classes: OfClass[];
  missing: MissingRoll[];
  away: Away[];
  days: DayOfPlaces[];
};
export type SchoolFigures = Figures & { school_id: string; name: string };

export const lessonsGiven = (teacher: string, first: string, last: string) =>
  read<LessonsGiven>("reporting", "/lessons", { teacher_id: teacher, first, last });
export const schoolDay = (school: string, on: string, asOf?: string) =>
  read<SchoolDay>("reporting", "/school-day", { school_id: school, on, as_of: asOf });
export const districtDay = (page: number, size: number, on?: string, asOf?: string) =>
  read<{ total: number; schools: SchoolFigures[] }>("reporting", "/district-day", { page: String(page), size: String(size), on, as_of: asOf });

/** Of a school, each class and each pupil. */
type Reported<T> = T & { classes: (T & { name: string; pupils: (T & { pupil_id: string; name: string | null })[] })[] };
/** Over a period; `share`: of all lessons those where the pupil came, also late, in per cent. */
export type Attended = { lessons: number; absent: number; unexcused: number; late: number; share: string | null };
export type Behaved = { praise: number; remark: number; incident: number; late: number; unexcused: number };
/** Lessons that are over, and of them those that lack something. */
export type Missing = { lessons: number; rolls: number; works: number; topics: number; homework: number };
export type OfTeacher = Missing & { teacher_id: string | null; name: string | null };

export const attended = (school: string, first: string, last: string) =>
  read<Reported<Attended>>("reporting", "/school-attendance", { school_id: school, first, last });
export const attendedFile = (kind: string, school: string, first: string, last: string) =>
  addressOf("reporting", `/school-attendance.${kind}`, { school_id: school, first, last });
export const discipline = (school: string, first: string, last: string) =>
  read<Reported<Behaved>>("reporting", "/school-discipline", { school_id: school, first, last });
export const disciplineFile = (kind: string, school: string, first: string, last: string) =>
  addressOf("reporting", `/school-discipline.${kind}`, { school_id: school, first, last });
export const completeness = (school: string, first: string, last: string) =>
  read<Missing & { teachers: OfTeacher[] }>("reporting", "/completeness", { school_id: school, first, last });
