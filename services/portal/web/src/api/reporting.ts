import type { PresenceWas, Presence, State } from "./attendance";
import type { Average, Criterion, Reached, Scale, Was } from "./grades";
import type { Task } from "./homework";
import { addressOf, read } from "./http";

export type SeenMark = {
  work_id: string;
  group_id: string;
  on: string;
  kind: string;
  weight: string;
  scale: Scale;
  title: string | null;
  values: string[];
  criteria?: Reached[];
  comment: string | null;
  recommendation?: string | null;
  due?: string | null;
  by: string;
  at: string;
  was: Was[];
  /** The subject's running average after this mark. */
  average: string | null;
};
export type DiaryLesson = {
  lesson_id: string;
  group_id: string;
  subject: string;
  title: string;
  number: number;
  starts: string | null;
  ends: string | null;
  room: string | null;
  teacher_id: string | null;
  teacher: string | null;
  topic: string | null;
  cancelled: boolean;
  moved_from: { on: string; number: number } | null;
  substituted: boolean;
  /** The name of whom the substitute stands in for. */
  instead_of: string | null;
  room_was: string | null;
  /** What is due by it. */
  homework: Task[];
  marks: SeenMark[];
  attendance: (Presence & { was: PresenceWas[] }) | null;
};
export type DiaryDay = { on: string; holiday: string | null; lessons: DiaryLesson[] };
export type Diary = { days: DiaryDay[] };
export type SubjectMarks = Average & { subject: string; scale: Scale; marks: SeenMark[] };
export type MarksTable = { overall: Average; subjects: SubjectMarks[] };
export type AttendedLesson = {
  lesson_id: string;
  number: number;
  subject: string;
  state: State;
  minutes: number | null;
  reason: string | null;
  was: PresenceWas[];
};
export type Attendance = {
  totals: { lessons: number; present: number; absent: number; late: number };
  days: { on: string; lessons: AttendedLesson[] }[];
};
export type Plain = string | number | boolean | null | string[] | (Criterion & { points?: number })[];
export type HistoryEntry = {
  event_id: string;
  type: string;
  at: string;
  by: string;
  pupil_id: string | null;
  before: Record<string, Plain> | null;
  after: Record<string, Plain> | null;
  reason: string | null;
};

/** `asOf`: the instant at which the page is to be shown as it stood then. */
export const diary = (pupil: string, first: string, last: string, asOf?: string) =>
  read<Diary>("reporting", "/diary", { pupil_id: pupil, first, last, as_of: asOf });
/** Which marks: `subjects` are the only ones, none named: all. */
export type MarksWanted = { pupil: string; first: string; last: string; asOf?: string | undefined; subjects: readonly string[] };
const wantedMarks = ({ pupil, first, last, asOf, subjects }: MarksWanted) => ({ pupil_id: pupil, first, last, as_of: asOf, subject: subjects });
export const marks = (wanted: MarksWanted) => read<MarksTable>("reporting", "/marks", wantedMarks(wanted));
export const marksFile = (kind: "xlsx" | "csv" | "pdf", wanted: MarksWanted) => addressOf("reporting", `/marks.${kind}`, wantedMarks(wanted));
/** The list of a class on paper. */
export const sheetFile = (kind: "xlsx" | "csv" | "pdf", group: string, first: string, last: string) =>
  addressOf("reporting", `/sheet.${kind}`, { group_id: group, first, last });
export type FinalGrade = {
  term_id: string;
  scale: Scale;
  value: string;
  /** What it was given from; none: nothing counted, or the page is of an earlier moment. */
  average: string | null;
  count: number;
  by: string;
  at: string;
  was: { value: string; reason: string | null; by: string; at: string }[];
};
export type FinalTerm = { term_id: string; kind: "term" | "period" | "year"; title: string; starts: string; ends: string; published_at: string };
export type FinalYear = { year_id: string; starts: string; ends: string; terms: FinalTerm[]; subjects: { subject: string; grades: FinalGrade[] }[] };
/** Published grades of terms and years, the newest year first. */
export const finals = (pupil: string, asOf?: string) => read<{ years: FinalYear[] }>("reporting", "/terms", { pupil_id: pupil, as_of: asOf });
export const attendance = (pupil: string, first: string, last: string, asOf?: string) =>
  read<Attendance>("reporting", "/attendance", { pupil_id: pupil, first, last, as_of: asOf });
export type Changed = {
  object_id: string;
  pupil_id: string | null;
  before: Record<string, Plain> | null;
  after: Record<string, Plain> | null;
  reason: string | null;
};
/** One event of the log. `group` and `on` say which journal and which day it is about, if it is about one. */
export type Operation = {
  service: string;
  event_id: string;
  type: string;
  at: string;
  by: string;
  object_id: string;
  group: string | null;
  on: string | null;
  entries: Changed[];
};
export type Operations = { operations: Operation[]; next: string | null };
export type AuditOf = { first: string; last: string; types?: string | undefined; person_id?: string | undefined; before?: string | undefined };
export type Reading = { by: string; page: string; on: string; near: boolean; times: number; first_at: string; last_at: string };

export const audit = (school: string, asked: AuditOf) => read<Operations>("reporting", "/audit", { school_id: school, ...asked });
export const auditFile = (school: string, asked: AuditOf) => addressOf("reporting", "/audit.csv", { school_id: school, ...asked });
export const changes = (pupil: string, asked: AuditOf) => read<Operations>("reporting", "/changes", { pupil_id: pupil, ...asked });
/** The signed log's proof of what an operation's object says of the pupil; docs/how-to/check_proof.py checks it. */
export const proofOf = ({ service, object_id }: Operation, pupil: string) =>
  addressOf(service === "grades" ? "grades" : "attendance", `/proofs/${object_id}`, { pupil_id: pupil });
type OfJournals = { readings: Omit<Reading, "page" | "near">[] };

/** Who opened the pupil's own pages, or a whole journal that he stands in; the latest first. */
export async function readings(pupil: string, first: string, last: string): Promise<Reading[]> {
  const asked = { pupil_id: pupil, first, last };
  const [own, marks, rolls] = await Promise.all([
    read<{ readings: Reading[] }>("reporting", "/readings", asked),
    read<OfJournals>("grades", "/readings", asked),
    read<OfJournals>("attendance", "/readings", asked),
  ]);
  const whole = (page: string, of: OfJournals) => of.readings.map((one) => ({ ...one, page, near: false }));
  const all = [...own.readings, ...whole("journal", marks), ...whole("rolls", rolls)];
  return all.sort((a, b) => b.last_at.localeCompare(a.last_at));
}
export const history = (object: string) => read<{ entries: HistoryEntry[] }>("reporting", `/history/${object}`);
