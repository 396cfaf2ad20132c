import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { use, useSyncExternalStore } from "react";
import type { Roll, Rolls } from "../api/attendance";
import type { Journal } from "../api/grades";
import type { TermSheet } from "../api/terms";
import { goSignIn, send } from "../api/http";
import { useMe } from "../frame/who";
import { tellSaved } from "../offline/line";
import { presence } from "./commands";
import { SaveQueue } from "./queue";
import { storeOf, type Cell } from "./store";

let made: { person: string; queue: Promise<SaveQueue> } | null = null;

/** The queue of this page; begun at the first call, with what an earlier page left unsaved. */
export function queueOf(person: string, queries: QueryClient): Promise<SaveQueue> {
  if (made?.person !== person) made = { person, queue: begin(person, queries) };
  return made.queue;
}

/** Suspends until the browser's store is open. */
export function useQueue(): SaveQueue {
  return use(queueOf(useMe().person_id, useQueryClient()));
}

export function useCells(queue: SaveQueue): readonly Cell[] {
  return useSyncExternalStore(queue.subscribe, queue.cells);
}

async function begin(person: string, queries: QueryClient): Promise<SaveQueue> {
  const queue = new SaveQueue(await storeOf(person), {
    send,
    saved: (column, cells) => show(queries, person, column, cells),
    refused: () => {
      // somebody else's value may stand there
      void queries.invalidateQueries({ queryKey: ["journal"] });
      void queries.invalidateQueries({ queryKey: ["rolls"] });
      void queries.invalidateQueries({ queryKey: ["term-sheet"] });
    },
    ended: () => void goSignIn(),
    locks: navigator.locks,
  });
  await queue.start();
  addEventListener("online", () => queue.hurry());
  addEventListener("pagehide", () => queue.leaveAll());
  document.addEventListener("visibilitychange", () => document.hidden && queue.leaveAll());
  return queue;
}

/** Puts what was saved into what is shown, so that nothing flickers; then asks the service for the whole truth. */
function show(queries: QueryClient, by: string, column: string, cells: Cell[]): void {
  for (const group of new Set(cells.map((cell) => cell.group))) tellSaved(group);
  const [kind, ...rest] = column.split("/");
  if (kind === "marks") {
    const work = rest[0] ?? "";
    queries.setQueriesData<Journal>({ queryKey: ["journal"] }, (old) => old && withMarks(old, work, cells, by));
    void queries.invalidateQueries({ queryKey: ["journal"] });
  } else if (kind === "term") {
    const [term = "", group = ""] = rest;
    queries.setQueryData<TermSheet>(["term-sheet", group, term], (old) => old && withGrades(old, cells, by));
    void queries.invalidateQueries({ queryKey: ["term-sheet"] });
    void queries.invalidateQueries({ queryKey: ["term-groups"] });
  } else {
    queries.setQueriesData<Rolls>({ queryKey: ["rolls"] }, (old) => old && withPresence(old, rest, cells));
    void queries.invalidateQueries({ queryKey: ["rolls"] });
  }
}

function withMarks(journal: Journal, id: string, cells: Cell[], by: string): Journal {
  const works = journal.works.map((work) => {
    if (work.work_id !== id) return work;
    const marks = new Map(work.marks.map((m) => [m.pupil_id, m]));
    for (const cell of cells) {
      const before = marks.get(cell.pupil);
      const now = { by, at: new Date().toISOString() };
      const was = cell.free ? [] : before ? [...before.was, { values: before.values, criteria: before.criteria ?? [], reason: cell.reason, ...now }] : [];
      // what mark the points make is the service's to say, a moment later
      const [value = "", due] = cell.value.split(" ");
      const values = value === "" || cell.criteria ? [] : value.split("/");
      const criteria = (work.criteria ?? []).flatMap((c) => (cell.criteria?.[c.code] === undefined ? [] : [{ ...c, points: cell.criteria[c.code] as number }]));
      const { comment = null, recommendation = null } = (cell.had ? before : cell) ?? {};
      marks.set(cell.pupil, { pupil_id: cell.pupil, values, criteria, comment, recommendation, due: due ?? null, ...now, was });
    }
    return { ...work, marks: [...marks.values()] };
  });
  return { ...journal, works };
}

function withGrades(sheet: TermSheet, cells: Cell[], by: string): TermSheet {
  const now = new Map(cells.map((cell) => [cell.pupil, cell.value === "" ? null : cell.value]));
  const at = new Date().toISOString();
  const pupils = sheet.pupils.map((one) => (now.has(one.pupil_id) ? { ...one, value: now.get(one.pupil_id) ?? null, by, at } : one));
  return { ...sheet, pupils };
}

function withPresence(all: Rolls, [, on, number]: string[], cells: Cell[]): Rolls {
  const rolls = all.rolls.map((roll): Roll => {
    if (roll.on !== on || roll.number !== Number(number)) return roll;
    const entries = new Map(roll.entries.map((e) => [e.pupil_id, e]));
    for (const cell of cells) {
      const { state, minutes, reason } = presence(cell.value);
      const was = entries.get(cell.pupil)?.was ?? [];
      entries.set(cell.pupil, { pupil_id: cell.pupil, state: state as Roll["entries"][number]["state"], minutes: minutes ?? null, reason: reason ?? null, was });
    }
    return { ...roll, entries: [...entries.values()] };
  });
  return { rolls };
}
