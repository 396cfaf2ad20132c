import type { Presence } from "../api/attendance";
import type { Command } from "../api/http";
import type { Cell } from "./store";

export type Draft = { pupils: string[]; pointer: string | null; command: Omit<Command, "key"> };

/** The commands that save these cells of one column: one for all that are new, one for each correction. */
export function commandsOf(column: string, cells: readonly Cell[]): Draft[] {
  const fresh = cells.filter((c) => !c.had);
  const changed = cells.filter((c) => c.had);
  const make = column.startsWith("marks/") ? marks : roll;
  const path = column.slice(column.indexOf("/") + 1);
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
      body: { marks: cells.map((c) => ({ pupil_id: c.pupil, value: c.value })) },
    },
  }),
  one: (work: string, { pupil, value, reason }: Cell): Draft => ({
    pupils: [pupil],
    pointer: null,
    command: {
      method: "POST",
      service: "grades",
      path: value === "" ? `/works/${work}/removals` : `/works/${work}/corrections`,
      body: value === "" ? { pupil_id: pupil, reason } : { pupil_id: pupil, value, reason },
    },
  }),
};

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
  one: (lesson: string, { pupil, value }: Cell): Draft => ({
    pupils: [pupil],
    pointer: null,
    command: {
      method: "POST",
      service: "attendance",
      path: `/rolls/${lesson}/corrections`,
      body: { pupil_id: pupil, ...presence(value) },
    },
  }),
};

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
