import { read } from "./http";
import type { Scale } from "./grades";

export type Debt = {
  pupil_id: string;
  work_id: string;
  group_id: string;
  subject: string;
  on: string;
  kind: string;
  title: string | null;
  /** By when it is to be handed in; null: nothing was said. */
  due: string | null;
  overdue: boolean;
};
export type Coming = { work_id: string; group_id: string; subject: string; on: string; number: number; kind: string; weight: string; title: string | null; topic: string | null };
export type Weak = { subject: string; topic: string; scale: Scale; on: string; average: string; count: number };
export type Ahead = { today: string; debts: Debt[]; coming: Coming[]; weak: Weak[] };

/** `first` and `last`: the days of the works that are looked at for debts and weak topics. */
export const ahead = (pupil: string, first: string, last: string) => read<Ahead>("reporting", "/ahead", { pupil_id: pupil, first, last });
export const debts = (group: string, first: string, last: string) =>
  read<{ today: string; debts: Debt[] }>("reporting", "/debts", { group_id: group, first, last });
