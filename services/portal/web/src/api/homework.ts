import { read } from "./http";

/** What is to be done after a lesson. */
export type Task = {
  /** The lesson after which it was set, and its day. */
  lesson_id: string;
  set_on: string;
  due_on: string;
  due_number: number;
  task: string;
  minutes: number | null;
  /** By the school's calendar. */
  written_on: string;
  written_at: string;
  /** The evening before the day it is due had begun by then. */
  late: boolean;
  by: string;
};
export type TaskDue = Task & { group_id: string; subject: string; by_name: string | null };

/** What a pupil has to do by lessons of these days, in their order. */
export const homework = (pupil: string, first: string, last: string) =>
  read<{ homework: TaskDue[] }>("reporting", "/homework", { pupil_id: pupil, first, last });
