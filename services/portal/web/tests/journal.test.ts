import { expect, test } from "vitest";
import type { Journal, Work } from "../src/api/grades";
import type { Lesson } from "../src/api/lessons";
import { below, step } from "../src/grid/roving";
import { columnsOf, lockOf, openingColumn } from "../src/journal/columns";
import { stateOfKey, withDigit } from "../src/roll/keys";

const lesson = (on: string, number: number, more: Partial<Lesson> = {}): Lesson => ({
  lesson_id: `${on}/${number}`, group_id: "g", school_id: "s", title: "8А", subject: "Алгебра", on, number, starts: null, ends: null, room: null,
  teacher_id: "t", cancelled: false, moved_from: null, substituted: false, instead_of: null, room_was: null, topic: null, homework: null, ...more,
}); // prettier-ignore
const work = (id: string, of: string, kind = "test"): Work => ({
  work_id: id, lesson_id: of, on: of.slice(0, 10), number: Number(of.slice(11)), kind, weight: "2", scale: "five", title: null, version: 1, marks: [],
}); // prettier-ignore
const journal = (...works: Work[]): Journal => ({ rule: { rule: 1, scale: "five", kinds: [], retakes: "replace" as const }, works, averages: {}, locked: [] });

test("columns stand there from the timetable, in order of date; a lesson has one for each of its works", () => {
  const lessons = [lesson("2021-10-14", 2), lesson("2021-10-13", 3), lesson("2021-10-12", 1)];
  const columns = columnsOf("g", lessons, journal(work("w1", "2021-10-13/3"), work("w2", "2021-10-13/3", "quiz")));
  expect(columns.map((c) => [c.on, c.work?.work_id ?? null])).toEqual([
    ["2021-10-12", null],
    ["2021-10-13", "w1"],
    ["2021-10-13", "w2"],
    ["2021-10-14", null],
  ]);
  expect(columns.map((c) => c.begins)).toEqual([true, true, false, true]);
  expect(openingColumn(columns, "2021-10-13")).toBe(1);
  expect(openingColumn(columns, "2021-10-20")).toBe(3);
});

test("a column that stood keeps its slot when another teacher opens works before and beside it", () => {
  const lessons = [lesson("2021-10-12", 1), lesson("2021-10-13", 3)];
  const slots = (columns: ReturnType<typeof columnsOf>) => Object.fromEntries(columns.map((c) => [c.work?.work_id ?? c.on, c.slot]));
  const empty = columnsOf("g", lessons, journal());
  const opened = columnsOf("g", lessons, journal(work("w2", "2021-10-13/3")), empty);
  expect(slots(opened)["w2"]).toBe(slots(empty)["2021-10-13"]);
  const more = columnsOf("g", lessons, journal(work("w1", "2021-10-13/3"), work("w2", "2021-10-13/3"), work("w0", "2021-10-12/1")), opened);
  expect(slots(more)["w2"]).toBe(slots(opened)["w2"]);
  expect(slots(more)["w0"]).toBe(slots(opened)["2021-10-12"]);
  expect(new Set(more.map((c) => c.slot)).size).toBe(3);
});

test("a work whose lesson the timetable has lost stays in sight", () => {
  expect(columnsOf("g", [], journal(work("w1", "2021-10-13/3"))).map((c) => c.key)).toEqual(["marks/w1"]);
});

test("a moved lesson is shown at its new time and known by its old one", () => {
  const [column] = columnsOf("g", [lesson("2021-10-15", 5, { moved_from: { on: "2021-10-13", number: 3 } })], journal());
  expect([column?.on, column?.known, column?.roll]).toEqual(["2021-10-15", { on: "2021-10-13", number: 3 }, "roll/g/2021-10-13/3"]);
});

test("a cell is locked in the future, out of the class's days, and for other teachers; a substitute may write", () => {
  const [column] = columnsOf("g", [lesson("2021-10-13", 3, { teacher_id: "substitute" })], journal());
  const member = { person_id: "p", name: "", starts: "2021-09-01", ends: "2022-05-27" };
  const lock = (today: string, person: string, whole: boolean, dates = {}, locked: { title: string; first: string; last: string }[] = []) =>
    column && lockOf(column, { ...member, ...dates }, today, { person, whole, locked });
  expect(lock("2021-10-13", "t", true)).toBe(null);
  expect(lock("2021-10-12", "t", true)).toBe("future");
  expect(lock("2021-10-13", "t", true, { starts: "2021-10-14" })).toBe("before");
  expect(lock("2021-10-13", "t", true, { ends: "2021-10-12" })).toBe("after");
  expect(lock("2021-10-13", "other", false)).toBe("other");
  expect(lock("2021-10-13", "substitute", false)).toBe(null);
  expect(lock("2021-10-25", "t", true, {}, [{ title: "I", first: "2021-09-01", last: "2021-10-13" }])).toBe("term");
  expect(lock("2021-10-25", "t", true, {}, [{ title: "I", first: "2021-09-01", last: "2021-10-12" }])).toBe(null);
});

test("arrows stop at the edge; only a stored entry goes on to the next column", () => {
  const size = { rows: 4, columns: 5 };
  expect(step({ row: 3, column: 4 }, "ArrowRight", false, size)).toEqual({ row: 3, column: 4 });
  expect(step({ row: 3, column: 4 }, "ArrowDown", false, size)).toEqual({ row: 3, column: 4 });
  expect(step({ row: 2, column: 2 }, "Home", true, size)).toEqual({ row: 0, column: 0 });
  expect(step({ row: 2, column: 2 }, "a", false, size)).toBe(null);
  expect(below({ row: 2, column: 2 }, size)).toEqual({ row: 3, column: 2 });
  expect(below({ row: 3, column: 2 }, size)).toEqual({ row: 1, column: 3 });
  expect(below({ row: 3, column: 4 }, size)).toEqual({ row: 3, column: 4 });
});

test("a roll's key is the same key on either keyboard layout", () => {
  for (const [russian, latin, state] of [["н", "y", "absent"], ["о", "j", "late"], ["б", ",", "absent/illness"], ["у", "e", "absent/excused"], ["п", "g", "present"]] as const) {
    expect([stateOfKey(russian), stateOfKey(russian.toUpperCase()), stateOfKey(latin)]).toEqual([state, state, state]);
  } // prettier-ignore
  expect(stateOfKey("x")).toBe(null);
  expect(["1", "0"].reduce(withDigit, "late")).toBe("late:10");
  expect(withDigit("late:241", "5")).toBe("late:5");
});
