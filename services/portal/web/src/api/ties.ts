import { act, read, type Answer } from "./http";
import type { Right } from "./roster";

export const RELATIONS = ["parent", "guardian", "relative"] as const;
export type Relation = (typeof RELATIONS)[number];
export type SchoolNamed = { school_id: string; name: string; district: string };
export type Claim = {
  claim_id: string;
  school_id: string;
  school: string;
  child: string;
  class_title: string;
  relation: Relation;
  at: string;
  state: "waiting" | "confirmed" | "declined" | "withdrawn";
};
/** What a school has to decide about. */
export type Waiting = Omit<Claim, "school" | "state"> & { guardian_id: string; guardian: string };
export type NewClaim = Pick<Claim, "claim_id" | "school_id" | "child" | "class_title" | "relation">;
/** `expires_on` is the last day on which the code opens anything. */
export type Invitation = {
  invitation_id: string;
  pupil_id: string;
  relation: Relation;
  rights: Right[];
  expires_on: string;
  at: string;
  by: string;
  state: "open" | "redeemed" | "withdrawn";
  guardian_id: string | null;
  ended_at: string | null;
};
export type NewInvitation = Pick<Invitation, "invitation_id" | "pupil_id" | "relation" | "rights"> & { days: number };

const command = (method: "POST" | "PUT", path: string, body: unknown, key?: string) => act({ method, service: "roster", path, body, ...(key ? { key } : {}) });

export const schools = (query: string, signal?: AbortSignal) => read<SchoolNamed[]>("roster", "/schools", { query }, signal);
export const claims = () => read<{ claims: Claim[] }>("roster", "/claims");
export const waiting = () => read<{ claims: Waiting[] }>("roster", "/claims/waiting");
export const claim = (claim: NewClaim) => command("POST", "/claims", claim);
export const withdrawClaim = (id: string) => command("POST", `/claims/${id}/withdrawal`, undefined);
/** Without a pupil it is declined. */
export const decide = (id: string, pupil: string | null, rights?: readonly Right[]) => command("POST", `/claims/${id}/decision`, { pupil_id: pupil, ...(rights ? { rights } : {}) });
export const invitations = (pupil: string) => read<{ invitations: Invitation[] }>("roster", "/invitations", { pupil_id: pupil });
/** The same key gives the same code again. */
export const invite = (invitation: NewInvitation, key: string) => command("POST", "/invitations", invitation, key) as Promise<Answer & { code: string }>;
export const withdrawInvitation = (id: string) => command("POST", `/invitations/${id}/withdrawal`, undefined);
export const redeem = (code: string) => command("POST", "/invitations/redemption", { code });
/** No rights: the tie ends. */
export const changeTie = (pupil: string, guardian: string, rights: readonly Right[]) => command("PUT", `/persons/${pupil}/guardians/${guardian}`, { rights });
