import type { Scale } from "../api/grades";
import { announce } from "../frame/status";
import { readMark } from "../marks/values";
import { valueOf } from "../saving/commands";
import { NEEDS_REASON, type SaveQueue } from "../saving/queue";
import type { Cell } from "../saving/store";
import { draftId } from "./cell";
import type { Column, Facts } from "./columns";

export type Entry = { column: Column; pupil: string; text: string };

export type Desk = {
  group: string;
  scale: Scale;
  facts: Facts;
  queue: SaveQueue;
  drafts: ReadonlyMap<string, Cell>;
};

/** `stored`: go on to the next cell; `asks`: the cell wants a reason; `opens`: the lesson has no work to hold a mark yet. */
export type Outcome = "stored" | "asks" | "opens";

/** Takes what was typed into a cell: at once into the browser's store, then on its way. */
export function enter({ column, pupil, text }: Entry, desk: Desk): Outcome {
  const scale = column.work?.scale ?? desk.scale;
  const read = readMark(text, scale);
  if (read.kind === "presence") {
    inRoll(column, pupil, read.value, desk);
    return "stored";
  }
  if (column.work === null) return read.kind === "empty" ? "stored" : "opens";
  const given = desk.facts.marks.get(column.key)?.get(pupil);
  const stands = given ? given.values.join("/") : "";
  const cell = { column: column.key, pupil, group: desk.group, on: column.on, text: text.trim(), had: given !== undefined, reason: "" };
  if (read.kind === "wrong") {
    void desk.queue.put({ ...cell, value: "" }, { code: "format", sentence: read.why });
    announce(read.why);
    return "stored";
  }
  const value = read.kind === "empty" ? "" : read.value;
  if (value === stands) {
    void desk.queue.drop(column.key, pupil);
    return "stored";
  }
  if (!given || stands === "") {
    void desk.queue.put({ ...cell, value });
    return "stored";
  }
  // kept at once, sent when the reason is there
  void desk.queue.put({ ...cell, value }, { code: NEEDS_REASON, sentence: "" });
  return "asks";
}

/** «н» in a mark's cell is an entry of the lesson's roll: absence has one owner. */
function inRoll(column: Column, pupil: string, value: string, { queue, facts, group, drafts }: Desk): void {
  const taken = facts.presences.get(column.roll);
  if (drafts.has(draftId(column.key, pupil))) void queue.drop(column.key, pupil);
  const stands = taken?.get(pupil);
  if (stands && valueOf(stands) === value) return void queue.drop(column.roll, pupil);
  void queue.put({ column: column.roll, pupil, group, on: column.on, text: value, value, had: taken !== undefined, reason: "" });
}
