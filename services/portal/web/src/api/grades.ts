import { act, read } from "./http";

export type Scale = "five" | "hundred" | "letters" | "pass";
export type Was = { values: string[]; reason: string | null; at: string; by: string };
export type GivenMark = { pupil_id: string; values: string[]; comment: string | null; by: string; at: string; was: Was[] };
export type Work = {
  work_id: string;
  lesson_id: string;
  on: string;
  number: number;
  kind: string;
  weight: string;
  scale: Scale;
  title: string | null;
  version: number;
  marks: GivenMark[];
};
export type Rule = { rule: number; scale: Scale; kinds: { kind: string; weight: string }[] };
export type Average = { average: string | null; count: number };
export type Journal = { rule: Rule; works: Work[]; averages: Record<string, Average> };
export type NewWork = {
  work_id: string;
  group_id: string;
  on: string;
  number: number;
  kind: string;
  weight?: string;
  title?: string;
  /** Set after the warning that the lesson has a work of this kind already. */
  confirmed?: boolean;
};

export const journal = (group: string, first: string, last: string) =>
  read<Journal>("grades", "/journal", { group_id: group, first, last });

export const openWork = (work: NewWork) => act({ method: "POST", service: "grades", path: "/works", body: work });
export const changeWork = (id: string, body: { kind: string; weight?: string; title?: string | null }, version: number) =>
  act({ method: "PATCH", service: "grades", path: `/works/${id}`, body, ifMatch: version });
export const removeWork = (id: string) => act({ method: "DELETE", service: "grades", path: `/works/${id}` });
