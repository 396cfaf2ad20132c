import i18next from "i18next";
import type { Member } from "../api/roster";
import { presence } from "../saving/commands";
import { draftId, type View } from "./cell";
import type { Column } from "./columns";
import { enter, readCell, standsAt, type Desk } from "./entry";

/** What becomes of one value of a block: only an empty cell is written to. */
export type Verdict = "writes" | "same" | "stands" | "wrong" | "locked" | "noWork" | "absent";
export type Planned = { column: Column; member: Member; text: string; verdict: Verdict; why: string };
/** `outside`: values for which the grid has no row or column. */
export type Plan = { cells: Planned[]; outside: number };

export type Board = {
  columns: readonly Column[];
  members: readonly Member[];
  views: readonly (readonly View[])[];
  desk: Desk;
};

/** More than one cell, as spreadsheets put it on the clipboard. */
export const isBlock = (text: string): boolean => /[\t\n]/.test(text.trim());

export function rowsOf(text: string): string[][] {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
  return lines.map((line) => line.split("\t").map((cell) => cell.trim()));
}

/** What a pasted block would write, its first value in this row and column of marks. Empty values ask for nothing. */
export function pasted(rows: readonly (readonly string[])[], top: number, left: number, board: Board): Plan {
  const plan: Plan = { cells: [], outside: 0 };
  rows.forEach((values, r) =>
    values.forEach((text, c) => {
      if (text === "") return;
      const judged = judge(text, top + r, left + c, board);
      if (judged) plan.cells.push(judged);
      else plan.outside += 1;
    }),
  );
  return plan;
}

/** What one value for a whole column would write: nothing to those who were absent. */
export function filled(text: string, column: number, board: Board): Plan {
  const cells = board.members.map((_, row) => judge(text, row, column, board)).filter((one) => one !== null);
  return { cells: cells.map((one) => (one.verdict === "writes" && wasAbsent(one, board.desk) ? { ...one, verdict: "absent" } : one)), outside: 0 };
}

function judge(text: string, row: number, at: number, { columns, members, views, desk }: Board): Planned | null {
  const [member, column, view] = [members[row], columns[at], views[row]?.[at]];
  if (!member || !column || !view) return null;
  const planned = (verdict: Verdict, why = "") => ({ column, member, text, verdict, why });
  if (view.lock) return planned("locked", view.hint);
  const read = readCell(text, column.work, desk.scale);
  if (read.kind === "wrong") return planned("wrong", read.why);
  if (read.kind === "presence") return view.sign === "" ? planned("writes") : planned("same");
  if (column.work === null) return planned("noWork", i18next.t("paste.noWork"));
  const draft = desk.drafts.get(draftId(column.key, member.person_id));
  const there = draft && !draft.refused ? draft.value : standsAt(desk, column, member.person_id);
  if (there === "") return planned("writes");
  return read.kind === "mark" && read.value === there ? planned("same") : planned("stands", i18next.t("paste.stands", { value: view.text }));
}

function wasAbsent({ column, member }: Planned, { facts, drafts }: Desk): boolean {
  const draft = drafts.get(draftId(column.roll, member.person_id));
  const state = draft ? presence(draft.value).state : facts.presences.get(column.roll)?.get(member.person_id)?.state;
  return state === "absent";
}

/** Takes what the plan writes into the cells; each column then goes as one decision. */
export function write(plan: Plan, desk: Desk): void {
  for (const { column, member, text, verdict } of plan.cells) {
    if (verdict === "writes") enter({ column, pupil: member.person_id, text, stood: "" }, desk);
  }
}

export const countOf = (plan: Plan, verdict: Verdict): number => plan.cells.filter((one) => one.verdict === verdict).length;
