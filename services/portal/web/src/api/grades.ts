import { act, read, type Command } from "./http";

export type Scale = "five" | "hundred" | "letters" | "pass";
/** A criterion of a work: its code and the points it is worth. */
export type Criterion = { code: string; most: number };
/** Points reached by each criterion; none: a plain mark, or a code. */
export type Reached = Criterion & { points: number };
export type Was = { values: string[]; criteria?: Reached[]; reason: string | null; /** The mark of the retake that changed it. */ retake?: string[]; at: string; by: string };
export type GivenMark = {
  pupil_id: string;
  values: string[];
  criteria?: Reached[];
  comment: string | null;
  recommendation?: string | null;
  /** With a dot: by when it is to be handed in. */
  due?: string | null;
  by: string;
  at: string;
  was: Was[];
};
export type Work = {
  work_id: string;
  lesson_id: string;
  on: string;
  number: number;
  kind: string;
  weight: string;
  scale: Scale;
  title: string | null;
  /** Families do not see it yet. */
  draft?: boolean;
  /** When it will be published, by the school's clock, without a zone. */
  planned?: string | null;
  version: number;
  /** By which its marks are made of points, for ever; none: plain marks. */
  criteria?: Criterion[];
  marks: GivenMark[];
};
export type Retakes = "replace" | "best" | "both";
export type Rule = { rule: number; scale: Scale; kinds: { kind: string; weight: string }[]; retakes: Retakes };
/** `sum` is the calculation in the language asked for: «5×2 + 4×1 = 14; 14 / 3 = 4,67». */
export type Average = { average: string | null; sum: string; count: number };
/** Days of a term whose council has begun. */
export type Locked = { title: string; first: string; last: string };
export type Journal = { rule: Rule; works: Work[]; averages: Record<string, Average>; locked: Locked[] };
export type NewWork = {
  work_id: string;
  group_id: string;
  on: string;
  number: number;
  kind: string;
  weight: string;
  title: string | null;
  criteria?: Criterion[];
  draft?: boolean;
  /** Set after the warning that the lesson has a work of this kind already. */
  confirmed: boolean;
};

export const journal = (group: string, first: string, last: string) =>
  read<Journal>("grades", "/journal", { group_id: group, first, last });

export type Target = { subject: string; value: string; by: string; at: string };
export const targets = (pupil: string) => read<{ targets: Target[] }>("grades", "/targets", { pupil_id: pupil });
/** An empty value takes the target back. */
export const setTarget = (pupil: string, subject: string, value: string) =>
  act({ method: "PUT", service: "grades", path: "/targets", body: { pupil_id: pupil, subject, value } });

export type Phrases = { phrases: string[] };
export const phrases = () => read<Phrases>("grades", "/phrases");
export const keepPhrases = (all: string[]) => act({ method: "PUT", service: "grades", path: "/phrases", body: { phrases: all } });

export const rule = (school: string) => read<Rule>("grades", `/schools/${school}/rule`);
export const setRule = (school: string, body: Omit<Rule, "rule">) => act({ method: "PUT", service: "grades", path: `/schools/${school}/rule`, body });
export const openingOf = (work: NewWork): Command => ({ method: "POST", service: "grades", path: "/works", body: work, key: crypto.randomUUID() });
export const openWork = (work: NewWork) => act({ method: "POST", service: "grades", path: "/works", body: work });
export const changeWork = (id: string, body: { kind: string; weight: string; title: string | null; confirmed: boolean }) =>
  act({ method: "PATCH", service: "grades", path: `/works/${id}`, body });
/** Families see the draft's marks from now on. */
export const publishWork = (id: string) => act({ method: "POST", service: "grades", path: `/works/${id}/publication` });
/** `at`: the school's time, «2026-12-02T18:00»; none: at no time any more. */
export const planWork = (id: string, at: string | null) => act({ method: "PUT", service: "grades", path: `/works/${id}/publication`, body: { at } });
export const removeWork = (id: string) => act({ method: "DELETE", service: "grades", path: `/works/${id}` });
