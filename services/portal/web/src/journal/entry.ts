import i18next from "i18next";
import type { Scale } from "../api/grades";
import { announce } from "../frame/status";
import { readMark } from "../marks/values";
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
  if (read.kind === "absent") {
    absent(column, pupil, desk);
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
function absent(column: Column, pupil: string, { queue, facts, group, drafts }: Desk): void {
  const taken = facts.presences.get(column.roll);
  if (drafts.has(draftId(column.key, pupil))) void queue.drop(column.key, pupil);
  if (taken?.get(pupil)?.state === "absent") return;
  const cell = { column: column.roll, pupil, group, on: column.on, text: i18next.t("presence.sign.absent"), reason: "" };
  void queue.put({ ...cell, value: "absent", had: taken !== undefined });
}
