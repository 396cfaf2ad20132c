import { read } from "./http";

export type Role = "pupil" | "parent" | "teacher" | "office" | "administrator" | "officer" | "support";
export type Right = "see" | "act" | "notices";
export type RoleHeld = { role: Role; school_id: string; school: string };
export type Child = { person_id: string; name: string; school_id: string | null; grade: string | null; rights: Right[] };
/** `today` is the day in the school's calendar; never take the browser's. */
export type School = { school_id: string; name: string; time_zone: string; today: string };
export type Me = { person_id: string; name: string; roles: RoleHeld[]; children: Child[]; schools: School[] };
export type Group = {
  group_id: string;
  school_id: string;
  title: string;
  subject: string;
  course: string | null;
  room: string | null;
  starts: string;
  ends: string;
  /** The day from which it is no more. */
  closed_on: string | null;
  teachers: string[];
};
/** `ends` is the last day. */
export type Member = { person_id: string; name: string; starts: string; ends: string };
export type Person = {
  person_id: string;
  name: string;
  identifier: string | null;
  grade: string | null;
};
/** `by_school`: the school's own word; else the district's. */
export type Guardian = { person_id: string; name: string; relation: string; rights: Right[]; by_school: boolean };
export type Found = Person & { roles: Role[]; school_ids: string[] };
export type Contact = { person_id: string; name: string; role: "teacher" | "parent"; about: string[] };
export type Term = { title: string; starts: string; ends: string };
export type Year = { title: string; starts: string; ends: string; terms: Term[] };

/** `key_destroyed_at` is null for some seconds after the decision. */
export type Erasure = { person_id: string; district_id: string; act: string; by: string; at: string; key_destroyed_at: string | null };

export const me = () => read<Me>("roster", "/me");
export const groups = (mine: boolean, school?: string) =>
  read<Group[]>("roster", "/groups", { mine: mine ? "true" : undefined, school_id: school });
export const members = (group: string) => read<Member[]>("roster", `/groups/${group}/members`);
export const persons = (query: string, signal?: AbortSignal) =>
  read<Found[]>("roster", "/persons", { query, limit: "50" }, signal);
export const person = (id: string) => read<Person & { guardians: Guardian[] }>("roster", `/persons/${id}`);
export const names = (ids: readonly string[]) =>
  read<Record<string, string>>("roster", "/names", { ids: [...ids].sort().join(",") });
export const contacts = () => read<Contact[]>("roster", "/contacts");
export const years = () => read<Year[]>("roster", "/years");
export const erasures = () => read<Erasure[]>("roster", "/erasures");
