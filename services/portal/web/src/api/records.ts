import { act, read } from "./http";

/** What staff and guardians write beside a mark, a lesson or a remark. */
export type About = "mark" | "lesson" | "remark";
export type Author = "staff" | "guardian";
export type Comment = {
  comment_id: string;
  about: About;
  object_id: string;
  pupil_id: string;
  group_id: string | null;
  subject: string | null;
  on: string;
  author_id: string;
  author_name: string;
  author: Author;
  text: string;
  at: string;
};
/** The record beside which one writes. */
export type Beside = { about: About; object_id: string; pupil_id: string; group_id: string | null; on: string };
export type Count = { object_id: string; pupil_id: string; count: number; last: string };

export const comments = (pupil: string, first: string, last: string, author?: Author) =>
  read<{ comments: Comment[] }>("messaging", "/comments", { pupil_id: pupil, first, last, author });
export const threads = (of: { pupil_id: string } | { group_id: string }, first: string, last: string) =>
  read<{ threads: Count[] }>("messaging", "/threads", { ...of, first, last });
export const talk = ({ object_id, pupil_id }: Pick<Beside, "object_id" | "pupil_id">) =>
  read<{ comments: Comment[] }>("messaging", `/threads/${object_id}/${pupil_id}`);
export const comment = ({ object_id, pupil_id, about, group_id, on }: Beside, said: { comment_id: string; text: string }, key: string) =>
  act({
    method: "POST",
    service: "messaging",
    path: `/threads/${object_id}/${pupil_id}/comments`,
    body: { ...said, about, on, ...(group_id ? { group_id } : {}) },
    key,
  });

export const KINDS = ["praise", "remark", "incident"] as const;
export type Kind = (typeof KINDS)[number];
export type Remark = {
  remark_id: string;
  pupil_id: string;
  kind: Kind;
  on: string;
  group_id: string | null;
  subject: string | null;
  author_id: string;
  author_name: string;
  at: string;
  text: string;
  /** Null: the family does not read it yet. */
  shown_at: string | null;
  /** Its author's words, where the family reads others. */
  written: string | null;
  withdrawn_at: string | null;
  reason: string | null;
  /** Of what its author wrote. */
  version: number;
  reworded_at: string | null;
};
export type Remarks = { remarks: Remark[]; may_write: boolean; may_word: boolean };
export type NewRemark = Pick<Remark, "remark_id" | "pupil_id" | "kind" | "on" | "text"> & { group_id?: string; shown: boolean };

export const remarks = (pupil: string, first: string, last: string) => read<Remarks>("messaging", "/remarks", { pupil_id: pupil, first, last });
export const waitingRemarks = () => read<{ remarks: (Remark & { pupil_name: string })[] }>("messaging", "/remarks/waiting");
export const makeRemark = (body: NewRemark, key: string) => act({ method: "POST", service: "messaging", path: "/remarks", body, key });
export const rewordRemark = (id: string, text: string, version: number) =>
  act({ method: "PUT", service: "messaging", path: `/remarks/${id}`, body: { text }, ifMatch: version });
export const showRemark = (id: string, text: string, version: number) =>
  act({ method: "POST", service: "messaging", path: `/remarks/${id}/showing`, body: { text }, ifMatch: version });
export const withdrawRemark = (id: string, reason: string) =>
  act({ method: "POST", service: "messaging", path: `/remarks/${id}/withdrawal`, body: { reason } });

export type Signature = { pupil_id: string; monday: string; by_id: string; by_name: string; at: string };
export const signatures = (of: { pupil_id: string } | { group_id: string }, first: string, last: string) =>
  read<{ signatures: Signature[] }>("messaging", "/signatures", { ...of, first, last });
export const signWeek = (pupil: string, monday: string) => act({ method: "PUT", service: "messaging", path: `/signatures/${pupil}/${monday}` });
