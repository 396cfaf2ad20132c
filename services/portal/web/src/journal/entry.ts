import i18next from "i18next";
import type { GivenMark, Scale } from "../api/grades";
import { announce } from "../frame/status";
import { readPoints } from "../marks/criteria";
import { readMark, type Read } from "../marks/values";
import { valueOf } from "../saving/commands";
import { HELD, NEEDS_REASON, seenIn, type SaveQueue, type Typed } from "../saving/queue";
import type { Cell } from "../saving/store";
import { draftId } from "./cell";
import type { Column, Facts } from "./columns";

/** `stood`: what stood there when the typing began; another value by now is somebody else's. */
export type Entry = { column: Column; pupil: string; text: string; words?: Words | undefined; stood?: string };

/** What a teacher writes with a mark. */
export type Words = Pick<Cell, "comment" | "recommendation">;

export type Desk = {
  group: string;
  scale: Scale;
  facts: Facts;
  queue: SaveQueue;
  drafts: ReadonlyMap<string, Cell>;
};

/** `stored`: go on to the next cell; `asks`: the cell wants a reason; `opens`: the lesson has no work to hold a mark yet. */
export type Outcome = "stored" | "asks" | "opens";

/** What is typed in a cell of this column, understood: a mark, or points by the work's criteria. */
export function readCell(text: string, work: Column["work"], scale: Scale): Read {
  return work?.criteria?.length ? readPoints(text, work.criteria, work.on) : readMark(text, work?.scale ?? scale, work?.on);
}

/** A mark that stands as the queue writes values: «4/5», «missing 2022-05-30», or points by the criteria; empty for none. */
export function standing(given: GivenMark | undefined | null): string {
  if (!given) return "";
  if (given.criteria?.length) return given.criteria.map((c) => c.points).join("/");
  return given.values.join("/") + (given.due ? ` ${given.due}` : "");
}

/** Whether a cell holds a debt and no mark: what is typed over it was handed in, or has another day, and asks no reason. */
const isOwed = (stands: string) => /^missing( |$)/.test(stands);

export function standsAt({ facts }: Pick<Desk, "facts">, column: Column, pupil: string): string {
  return standing(facts.marks.get(column.key)?.get(pupil));
}

/** Takes what was typed into a cell: at once into the browser's store, then on its way. */
export function enter(entry: Entry, desk: Desk): Outcome {
  const { column, pupil, text } = entry;
  const read = readCell(text, column.work, desk.scale);
  if (read.kind === "presence") {
    inRoll(column, pupil, read.value, desk);
    return "stored";
  }
  if (column.work === null) return read.kind === "empty" ? "stored" : "opens";
  const cell = typedOf(entry, read, desk);
  if (read.kind === "wrong") {
    void desk.queue.put(cell, { code: "format", sentence: read.why });
    announce(read.why);
    return "stored";
  }
  const stands = standsAt(desk, column, pupil);
  if (cell.value === stands) {
    void desk.queue.drop(column.key, pupil);
    return "stored";
  }
  if (stands === "" || cell.free) {
    void desk.queue.put(cell);
    return "stored";
  }
  if (isOwed(stands) && cell.value !== "") {
    const again = isOwed(cell.value);
    void desk.queue.put({ ...cell, reason: i18next.t(again ? "cell.reason.due" : "cell.reason.handedIn"), retake: !again });
    return "stored";
  }
  // kept at once, sent when the reason is there
  void desk.queue.put(cell, { code: NEEDS_REASON, sentence: "" });
  return "asks";
}

/** Keeps a mark together with the comment that is still being written to it; it is sent when it is entered. */
export function hold(entry: Entry, desk: Desk): void {
  if (entry.column.work === null) return; // nothing to keep it at yet
  void desk.queue.put(typedOf(entry, readCell(entry.text, entry.column.work, desk.scale), desk), { code: HELD, sentence: "" });
}

function typedOf({ column, pupil, text, words, stood }: Entry, read: Read, desk: Desk): Typed {
  const stands = standsAt(desk, column, pupil);
  const place = { column: column.key, pupil, group: desk.group, on: column.on, text: text.trim() };
  const mark = read.kind === "mark" ? { value: read.value, ...(read.criteria ? { criteria: read.criteria } : {}) } : { value: "" };
  const free = column.work?.draft === true;
  const seen = seenIn(desk.drafts.get(draftId(column.key, pupil)), { had: stands !== "" && !free, stood: stood ?? stands });
  return { ...place, ...mark, ...seen, free, reason: "", ...said(words) };
}

function said({ comment, recommendation }: Words = {}): Words {
  return { ...(comment?.trim() ? { comment: comment.trim() } : {}), ...(recommendation?.trim() ? { recommendation: recommendation.trim() } : {}) };
}

/** «н» in a mark's cell is an entry of the lesson's roll: absence has one owner. */
function inRoll(column: Column, pupil: string, value: string, { queue, facts, group, drafts }: Desk): void {
  const taken = facts.presences.get(column.roll);
  if (drafts.has(draftId(column.key, pupil))) void queue.drop(column.key, pupil);
  const stands = taken?.get(pupil);
  if (stands && valueOf(stands) === value) return void queue.drop(column.roll, pupil);
  const seen = seenIn(drafts.get(draftId(column.roll, pupil)), { had: taken !== undefined, stood: stands && valueOf(stands) });
  void queue.put({ column: column.roll, pupil, group, on: column.on, text: value, value, ...seen, reason: "" });
}
