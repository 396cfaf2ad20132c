import type { Average, Scale } from "./grades";
import { act, read } from "./http";

export type Stage = "open" | "council" | "published";
export type Term = {
  term_id: string;
  year_id: string;
  parent_id: string | null;
  kind: "term" | "period" | "year";
  title: string;
  starts: string;
  ends: string;
  stage: Stage;
  by: string | null;
  at: string | null;
};
export type Terms = { today: string; terms: Term[] };
/** Somebody waits for a locked group to be opened again. */
export type Asked = { by: string; at: string; reason: string | null };
export type GradedGroup = {
  group_id: string;
  title: string;
  subject: string;
  pupils: number;
  given: number;
  /** Grades still expected; none where nothing was marked in the term. */
  missing: number;
  reopened: boolean;
  asked: Asked | null;
};
export type GradeWas = { value: string; reason: string | null; by: string; at: string };
export type GradedPupil = {
  pupil_id: string;
  average: Average;
  proposed: string | null;
  value: string | null;
  by: string | null;
  at: string | null;
  was: GradeWas[];
};
export type TermSheet = {
  sheet_id: string;
  term: Term;
  school_id: string;
  group_id: string;
  title: string;
  subject: string;
  scale: Scale;
  may_write: boolean;
  reopened: boolean;
  asked: Asked | null;
  pupils: GradedPupil[];
};

export const terms = (school: string) => read<Terms>("grades", `/schools/${school}/terms`);
export const groups = (school: string, term: string) => read<{ term: Term; groups: GradedGroup[] }>("grades", `/schools/${school}/terms/${term}/groups`);
export const sheet = (term: string, group: string) => read<TermSheet>("grades", `/terms/${term}/sheet`, { group_id: group });

const post = (path: string, body: unknown) => act({ method: "POST", service: "grades", path, body });
export const askReopening = (term: string, group: string, reason: string) => post(`/terms/${term}/reopening`, { group_id: group, reason });
export const decideReopening = (term: string, group: string, allowed: boolean) => post(`/terms/${term}/reopening/decision`, { group_id: group, allowed });
export const lock = (term: string, group: string) => post(`/terms/${term}/locking`, { group_id: group });
const council = (school: string, term: string) => `/schools/${school}/terms/${term}/council`;
/** `confirmed`: though grades are missing; without it that is refused with `grades.gaps-left`. */
export const beginCouncil = (school: string, term: string, confirmed: boolean) => post(council(school, term), { confirmed });
export const withdrawCouncil = (school: string, term: string, reason: string) => post(`${council(school, term)}/withdrawal`, { reason });
export const publish = (school: string, term: string) => act({ method: "POST", service: "grades", path: `/schools/${school}/terms/${term}/publication` });
