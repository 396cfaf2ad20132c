import { read } from "./http";

export type State = "present" | "absent" | "late";
export type Presence = { state: State; minutes: number | null; reason: string | null };
export type PresenceWas = Presence & { note?: string | null; by: string; at: string };
export type RollEntry = Presence & { pupil_id: string; was: PresenceWas[] };
export type Roll = {
  lesson_id: string;
  on: string;
  number: number;
  version: number;
  by: string;
  at: string;
  entries: RollEntry[];
};
export type Rolls = { rolls: Roll[] };

export const rolls = (group: string, first: string, last: string) =>
  read<Rolls>("attendance", "/journal", { group_id: group, first, last });
