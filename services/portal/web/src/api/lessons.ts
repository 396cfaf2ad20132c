import { act, read } from "./http";

export type Lesson = {
  lesson_id: string;
  group_id: string;
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
  /** The teacher who should have given it. */
  substituted: string | null;
  topic: string | null;
};
export type Holiday = { starts: string; ends: string; title: string };
export type Week = { lessons: Lesson[]; holidays: Holiday[] };
export type Whose = { group_id: string } | { teacher_id: string } | { pupil_id: string } | { school_id: string };

export const week = (whose: Whose, first: string, last: string) =>
  read<Week>("lessons", "/week", { ...whose, first, last });

export const writeTopic = (lesson: Pick<Lesson, "group_id" | "on" | "number">, topic: string) =>
  act({ method: "PUT", service: "lessons", path: `/lessons/${lesson.group_id}/${lesson.on}/${lesson.number}/topic`, body: { topic } });
