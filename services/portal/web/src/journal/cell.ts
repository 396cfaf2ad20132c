import i18next from "i18next";
import type { Cell } from "../saving/store";
import { HELD, NEEDS_REASON } from "../saving/queue";
import { presence } from "../saving/commands";
import type { State } from "../api/attendance";
import { shortDay } from "../calendar";
import { signOf } from "../attendance/words";
import { showValues } from "../marks/values";
import type { Column, Facts, Lock } from "./columns";

/** What one cell of the journal shows. Plain values, so that an unchanged cell is not drawn again. */
export type View = {
  text: string;
  /** Points by criterion, beside the mark they make. */
  points: string;
  /** What its editor begins with. */
  typed: string;
  /** The teacher's words to the mark. */
  comment: string;
  recommendation: string;
  /** The value before a correction, shown before the text. */
  before: string;
  /** «н», «о» of the roll. */
  sign: string;
  state: "quiet" | "waiting" | "failed" | "asks" | "held";
  lock: Lock;
  /** Why it failed, or why it is locked. */
  hint: string;
};

type Drafts = ReadonlyMap<string, Cell>;
export const draftId = (column: string, pupil: string) => `${column} ${pupil}`;

export function viewOf(column: Column, pupil: string, facts: Facts, drafts: Drafts, lock: Lock): View {
  const given = facts.marks.get(column.key)?.get(pupil);
  const draft = drafts.get(draftId(column.key, pupil));
  const roll = rollSign(column, pupil, facts, drafts);
  const saved = given ? showValues(given.values) + (given.due ? ` ${shortDay(given.due)}` : "") : "";
  const points = given?.criteria?.map((c) => c.points) ?? [];
  const was = given?.was.at(-1);
  const words = draft && !draft.had ? draft : given;
  return {
    text: draft ? draft.text : saved,
    points: draft ? "" : points.join("·"),
    typed: draft ? draft.text : points.length > 0 ? points.join(" ") : saved,
    comment: words?.comment ?? "",
    recommendation: words?.recommendation ?? "",
    before: draft?.had && saved !== draft.text ? saved : !draft && was ? showValues(was.values) : "",
    sign: roll.sign,
    state: stateOf(draft, roll.waiting),
    lock,
    hint: draft?.refused ? sentenceOf(draft.refused) : lock ? i18next.t(`lock.${lock}`) : "",
  };
}

function stateOf(draft: Cell | undefined, rollWaits: boolean): View["state"] {
  if (draft?.refused) return draft.refused.code === NEEDS_REASON ? "asks" : draft.refused.code === HELD ? "held" : "failed";
  return draft || rollWaits ? "waiting" : "quiet";
}

export function sentenceOf({ code, sentence }: { code: string; sentence: string }): string {
  if (code === NEEDS_REASON) return i18next.t("cell.needsReason");
  return code === HELD ? i18next.t("comment.unfinished") : sentence || i18next.t("cell.refused");
}

function rollSign(column: Column, pupil: string, facts: Facts, drafts: Drafts): { sign: string; waiting: boolean } {
  const draft = drafts.get(draftId(column.roll, pupil));
  if (draft) {
    const { state, reason } = presence(draft.value);
    return { sign: state === "present" ? "" : signOf({ state: state as State, reason: reason ?? null }), waiting: true };
  }
  const entry = facts.presences.get(column.roll)?.get(pupil);
  return { sign: entry && entry.state !== "present" ? signOf(entry) : "", waiting: false };
}
