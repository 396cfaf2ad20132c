import type { Presence } from "../api/attendance";
import type { Command } from "../api/http";
import type { Cell } from "./store";

export type Draft = { pupils: string[]; pointer: string | null; command: Omit<Command, "key"> };

/** The commands that save these cells of one column: one for all that are new, one for each correction. */
export function commandsOf(column: string, cells: readonly Cell[]): Draft[] {
  const fresh = cells.filter((c) => !c.had);
  const changed = cells.filter((c) => c.had);
  const [kind = ""] = column.split("/", 1);
  const make = MAKERS[kind] ?? roll;
  const path = column.slice(kind.length + 1);
  return [...(fresh.length > 0 ? [make.all(path, fresh)] : []), ...changed.map((cell) => make.one(path, cell))];
}

const marks = {
  all: (work: string, cells: Cell[]): Draft => ({
    pupils: cells.map((c) => c.pupil),
    pointer: "/marks",
    command: {
      method: "POST",
      service: "grades",
      path: `/works/${work}/marks`,
      body: { marks: cells.map((c) => ({ pupil_id: c.pupil, ...markOf(c), ...wordsOf(c) })) },
    },
  }),
  one: (work: string, cell: Cell): Draft => ({
    pupils: [cell.pupil],
    pointer: null,
    command: {
      method: "POST",
      service: "grades",
      path: cell.value === "" ? `/works/${work}/removals` : `/works/${work}/corrections`,
      body: { pupil_id: cell.pupil, ...(cell.value === "" ? {} : markOf(cell)), ...(cell.retake && cell.value !== "" ? { retake: true } : {}), ...seenBy(cell), reason: cell.reason },
    },
  }),
};

/** By criteria the service is told the points and says itself what mark they make. A debt may have its day: «missing 2022-05-30». */
function markOf({ value, criteria }: Cell) {
  if (criteria) return { criteria };
  const [mark, due] = value.split(" ");
  return { value: mark, ...(due ? { due } : {}) };
}

function wordsOf({ comment, recommendation }: Cell) {
  return { ...(comment ? { comment } : {}), ...(recommendation ? { recommendation } : {}) };
}

/** What stood when it was typed: where another value stands by now, the service does not replace it. */
const seenBy = ({ stood }: Cell) => (stood ? { seen: (stood.split(" ")[0] ?? "").split("/") } : {});

const roll = {
  all: (lesson: string, cells: Cell[]): Draft => ({
    pupils: cells.map((c) => c.pupil),
    pointer: "/entries",
    command: {
      method: "PUT",
      service: "attendance",
      path: `/rolls/${lesson}`,
      body: { entries: cells.map((c) => ({ pupil_id: c.pupil, ...presence(c.value) })) },
    },
  }),
  one: (lesson: string, { pupil, value, stood }: Cell): Draft => ({
    pupils: [pupil],
    pointer: null,
    command: {
      method: "POST",
      service: "attendance",
      path: `/rolls/${lesson}/corrections`,
      body: { pupil_id: pupil, ...presence(value), ...(stood ? { seen: presence(stood) } : {}) },
    },
  }),
};

/** Grades of a term, of one group. What stands is replaced; only where the list was opened again that takes a reason. */
const term = {
  all: (list: string, cells: Cell[]): Draft => {
    const [id, group] = list.split("/");
    const grades = cells.map((c) => ({ pupil_id: c.pupil, value: c.value }));
    const body = { group_id: group, grades, reason: cells[0]?.reason ?? "" };
    return { pupils: cells.map((c) => c.pupil), pointer: "/grades", command: { method: "PUT", service: "grades", path: `/terms/${id}/grades`, body } };
  },
  one: (list: string, cell: Cell): Draft => term.all(list, [cell]),
};

type Maker = { all: (path: string, cells: Cell[]) => Draft; one: (path: string, cell: Cell) => Draft };
const MAKERS: Record<string, Maker> = { marks, roll, term };

/** The roll cell's value of a presence that stands. */
export function valueOf({ state, minutes, reason }: Presence): string {
  return state + (minutes ? `:${minutes}` : "") + (reason ? `/${reason}` : "");
}

/** A roll cell's value is `state`, `state:minutes` or `state/reason`. */
export function presence(value: string): { state: string; minutes?: number; reason?: string } {
  const [rest = "", reason] = value.split("/");
  const [state = "", minutes] = rest.split(":");
  return { state, ...(minutes ? { minutes: Number(minutes) } : {}), ...(reason ? { reason } : {}) };
}
