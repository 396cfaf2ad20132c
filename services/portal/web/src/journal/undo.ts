import { showStanding } from "../marks/values";
import { valueOf } from "../saving/commands";
import type { Cell } from "../saving/store";
import { draftId } from "./cell";
import type { Column } from "./columns";
import { readCell, standsAt, type Desk } from "./entry";

/** What a cell held before something was entered: what was saved, and what was typed and not yet saved. */
export type Before = { column: Column; key: string; pupil: string; stood: string; draft: Cell | null };

/** Of a cell that this text is about to be entered into: «н» goes into the lesson's roll. */
export function remember(column: Column, pupil: string, text: string, desk: Desk): Before {
  const inRoll = readCell(text, column.work, desk.scale).kind === "presence";
  const key = inRoll ? column.roll : column.key;
  return { column, key, pupil, stood: standing(column, key, pupil, desk), draft: desk.drafts.get(draftId(key, pupil)) ?? null };
}

/** As the queue writes values. Of a roll that was not taken everybody is present. */
function standing(column: Column, key: string, pupil: string, desk: Desk): string {
  if (key === column.key) return standsAt(desk, column, pupil);
  const entry = desk.facts.presences.get(key)?.get(pupil);
  return entry ? valueOf(entry) : "present";
}

/** Brings the cells back: what has not been sent is forgotten, what has been saved is corrected, with the reason. Returns how many. */
export function undo(step: readonly Before[], desk: Desk, reason: string): number {
  return step.filter((before) => bringBack(before, desk, reason)).length;
}

function bringBack({ column, key, pupil, stood, draft: typed }: Before, desk: Desk, reason: string): boolean {
  const draft = desk.drafts.get(draftId(key, pupil)) ?? null;
  if (draft && draft.command === null) {
    if (typed) void desk.queue.put(typed, typed.refused);
    else void desk.queue.drop(key, pupil);
    return true;
  }
  const stands = standing(column, key, pupil, desk);
  if ((draft?.value ?? stands) === stood) return false;
  const place = { column: key, pupil, group: desk.group, on: column.on };
  const free = column.work?.draft === true;
  if (key === column.roll) void desk.queue.put({ ...place, had: true, text: "", value: stood, stood: draft?.value ?? stands, reason: "" }, null, 0);
  else void desk.queue.put({ ...place, had: !free, free, ...earlier(column, stood, desk), stood: draft?.value ?? stands, reason }, null, 0);
  return true;
}

/** The value that stood, as it is sent and as it is shown meanwhile. */
function earlier(column: Column, stood: string, desk: Desk): Pick<Cell, "text" | "value" | "criteria"> {
  const points = column.work?.criteria?.length ? readCell(stood.replaceAll("/", " "), column.work, desk.scale) : null;
  const text = points ? stood : showStanding(stood);
  return { text, value: stood, ...(points?.kind === "mark" && points.criteria ? { criteria: points.criteria } : {}) };
}
