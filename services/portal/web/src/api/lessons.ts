import { addDays } from "../calendar";
import { act, read } from "./http";

/** What the teacher said is to be done after a lesson; no task: that nothing is. */
export type Homework = {
  task: string | null;
  due_on: string | null;
  due_number: number | null;
  minutes: number | null;
  written_on: string;
  written_at: string;
  late: boolean;
};
export type Lesson = {
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
  teacher_id: string | null;
  cancelled: boolean;
  moved_from: { on: string; number: number } | null;
  /** Another teacher gives it than the timetable says. */
  substituted: boolean;
  /** Whom the substitute stands in for. */
  instead_of: string | null;
  /** Of a lesson moved into another room. */
  room_was: string | null;
  topic: string | null;
  homework: Homework | null;
};
/** A lesson by its place in the timetable. */
export type Place = Pick<Lesson, "group_id" | "on" | "number">;
export type Holiday = { starts: string; ends: string; title: string };
/** What a day is by the school's timetable: of a week A or B, or which day of its cycle. */
export type Beat = { school_id: string; on: string; week: string | null; day: number | null };
export type Week = { lessons: Lesson[]; holidays: Holiday[]; /** None in what an earlier version kept here. */ days?: Beat[] };
export type Whose = { group_id: string } | { teacher_id: string } | { pupil_id: string } | { school_id: string };

const LONGEST = 60; // days; the service shows 62 at once

/** All lessons of the days, both included; a long range is asked for in parts. */
export async function week(whose: Whose, first: string, last: string): Promise<Week> {
  const parts: Promise<Week>[] = [];
  for (let from = first; from <= last; from = addDays(from, LONGEST)) {
    const to = addDays(from, LONGEST - 1);
    parts.push(read<Week>("lessons", "/week", { ...whose, first: from, last: to < last ? to : last }));
  }
  const found = await Promise.all(parts);
  const holidays = new Map(found.flatMap((w) => w.holidays).map((h) => [`${h.starts} ${h.title}`, h]));
  return { lessons: found.flatMap((w) => w.lessons), holidays: [...holidays.values()], days: found.flatMap((w) => w.days ?? []) };
}

const pathOf = ({ group_id, on, number }: Place) => `/lessons/${group_id}/${on}/${number}`;

export const writeTopic = (lesson: Place, topic: string) =>
  act({ method: "PUT", service: "lessons", path: `${pathOf(lesson)}/topic`, body: { topic } });

export type NewHomework = { task: string | null; minutes?: number | null; due?: { on: string; number: number } | null; confirmed?: boolean };
export const setHomework = (lesson: Place, body: NewHomework) => act({ method: "PUT", service: "lessons", path: `${pathOf(lesson)}/homework`, body });

/** Of many lessons of a group, all or nothing; refusals name places of `written`. */
export const writeTopics = (group: string, written: readonly { lesson: Lesson; topic: string }[]) =>
  act({
    method: "POST",
    service: "lessons",
    path: "/topics",
    body: { group_id: group, topics: written.map(({ lesson: { moved_from, on, number }, topic }) => ({ ...(moved_from ?? { on, number }), topic })) },
  });

export type Template = { template_id: string; title: string; topics: string[]; at: string };

export const templates = () => read<{ templates: Template[] }>("lessons", "/templates");
export const keepTemplate = (template: string, title: string, topics: readonly string[]) =>
  act({ method: "PUT", service: "lessons", path: `/templates/${template}`, body: { title, topics } });
export const removeTemplate = (template: string) => act({ method: "DELETE", service: "lessons", path: `/templates/${template}` });

/** A lesson keeps the address that the timetable gave it, wherever it was moved. */
function addressed({ group_id, moved_from, on, number }: Lesson): string {
  const planned = moved_from ?? { on, number };
  return `/lessons/${group_id}/${planned.on}/${planned.number}`;
}
const change = (lesson: Lesson, what: string, body?: object) =>
  act({ method: "POST", service: "lessons", path: `${addressed(lesson)}/${what}`, ...(body ? { body } : {}) });

export const substitute = (lesson: Lesson, teacher: string) => change(lesson, "substitution", { teacher_id: teacher });
export const move = (lesson: Lesson, on: string, number: number, room: string) =>
  change(lesson, "move", { to_date: on, to_number: number, ...(room ? { room } : {}) });
export const cancel = (lesson: Lesson, reason: string) => change(lesson, "cancellation", reason ? { reason } : {});
export const restore = (lesson: Lesson) => change(lesson, "restoration");

export type SharedCalendar = { calendar_id: string; about_id: string; shared_at: string };

export const calendars = () => read<{ calendars: SharedCalendar[] }>("lessons", "/calendars");

export const shareCalendar = (calendar: string, about: string, secret: string) =>
  act({ method: "PUT", service: "lessons", path: `/calendars/${calendar}`, body: { about_id: about, secret } });
export const withdrawCalendar = (calendar: string) => act({ method: "DELETE", service: "lessons", path: `/calendars/${calendar}` });
