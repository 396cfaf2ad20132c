import { act, addressOf, read } from "./http";

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

/** What a family said of an absence, before it or after. `lessons`: numbers of that one day; none: whole days. */
export type Announced = {
  absence_id: string;
  pupil_id: string;
  first: string;
  last: string;
  lessons: number[];
  reason: string;
  state: "announced" | "accepted" | "declined" | "withdrawn";
};
export type Absence = Announced & {
  words: string | null;
  by: string;
  at: string;
  decided_by: string | null;
  decided_at: string | null;
  answer: string | null;
  /** The media type of what is attached. */
  paper: string | null;
};
/** `content` in base64. */
export type Paper = { media: "image/jpeg" | "image/png" | "application/pdf"; content: string };
export type Away = Pick<Announced, "absence_id" | "pupil_id" | "first" | "last" | "lessons" | "reason"> & { words: string; paper?: Paper };

export const absences = (pupil: string, first: string, last: string) =>
  read<{ absences: Absence[] }>("attendance", "/absences", { pupil_id: pupil, first, last });
export const waiting = () => read<{ absences: Absence[] }>("attendance", "/absences/waiting");
export const announced = (group: string, on: string) =>
  read<{ absences: Announced[] }>("attendance", "/announced", { group_id: group, first: on, last: on });
export const announce = (away: Away) => act({ method: "POST", service: "attendance", path: "/absences", body: away });
export const paperFile = (id: string) => addressOf("attendance", `/absences/${id}/paper`, {});
export const withdrawAbsence = (id: string) => act({ method: "POST", service: "attendance", path: `/absences/${id}/withdrawal` });
export const decideAbsence = (id: string, accepted: boolean, words: string) =>
  act({ method: "POST", service: "attendance", path: `/absences/${id}/decision`, body: { accepted, words } });
