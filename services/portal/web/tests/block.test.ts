import { describe, expect, test } from "vitest";
import type { GivenMark } from "../src/api/grades";
import { countOf, filled, isBlock, pasted, rowsOf, type Board } from "../src/journal/block";
import { draftId, viewOf } from "../src/journal/cell";
import type { Column, Facts, Lock } from "../src/journal/columns";
import type { Desk } from "../src/journal/entry";
import { remember, undo } from "../src/journal/undo";
import type { SaveQueue, Typed } from "../src/saving/queue";
import type { Cell } from "../src/saving/store";

const column = (id: string, work = true): Column => ({
  key: work ? `marks/${id}` : `lesson/${id}`, slot: id, roll: `roll/g/${id}/1`, on: id, known: { on: id, number: 1 }, number: 1, lesson: null, begins: true,
  work: work ? { work_id: id, lesson_id: id, on: id, number: 1, kind: "test", weight: "1", scale: "five", title: null, version: 1, marks: [] } : null,
}); // prettier-ignore
const COLUMNS = [column("2021-10-12"), column("2021-10-13"), column("2021-10-14", false)];
const PUPILS = ["anna", "boris", "vera"].map((id) => ({ person_id: id, name: id, starts: "2021-09-01", ends: "2022-05-31" }));
const given = (pupil: string, ...values: string[]): [string, GivenMark] => [
  pupil, { pupil_id: pupil, values, criteria: [], comment: null, by: "t", at: "2021-10-12T09:00:00Z", was: [] },
]; // prettier-ignore

/** A desk whose queue writes down what it is told. */
function deskOf(marks: Record<string, [string, GivenMark][]> = {}, drafts: Cell[] = [], absent: string[] = []) {
  const put: Typed[] = [];
  const dropped: string[] = [];
  const presences: Facts["presences"] = new Map([["roll/g/2021-10-12/1", new Map(absent.map((pupil) => [pupil, { pupil_id: pupil, state: "absent" as const, minutes: null, reason: null, was: [] }]))]]);
  const facts: Facts = { marks: new Map(Object.entries(marks).map(([key, all]) => [key, new Map(all)])), presences };
  const queue = { put: (typed: Typed) => Promise.resolve(void put.push(typed)), drop: (key: string, pupil: string) => Promise.resolve(void dropped.push(draftId(key, pupil))) };
  const desk: Desk = { group: "g", scale: "five", facts, drafts: new Map(drafts.map((c) => [draftId(c.column, c.pupil), c])), queue: queue as unknown as SaveQueue };
  return { desk, put, dropped };
}

const boardOf = (desk: Desk, lock: (pupil: string) => Lock = () => null): Board => ({
  columns: COLUMNS, members: PUPILS, desk, views: PUPILS.map((m) => COLUMNS.map((c) => viewOf(c, m.person_id, desk.facts, desk.drafts, lock(m.person_id)))),
}); // prettier-ignore

describe("a pasted block", () => {
  test("is what spreadsheets put on the clipboard; one value is none", () => {
    expect(rowsOf("5\t4\r\n3\t\r\n")).toEqual([["5", "4"], ["3", ""]]);
    expect([isBlock("5"), isBlock("5\n"), isBlock("5\t4"), isBlock("5\n4")]).toEqual([false, false, true, true]);
  });

  test("writes to empty cells alone", () => {
    const { desk } = deskOf({ "marks/2021-10-12": [given("boris", "4")] });
    const plan = pasted(rowsOf("5\t3\n2\t7\n4\t\n5\t5"), 0, 0, boardOf(desk, (pupil) => (pupil === "vera" ? "after" : null)));
    expect(plan.cells.map((one) => [one.member.person_id, one.column.slot, one.verdict])).toEqual([
      ["anna", "2021-10-12", "writes"],
      ["anna", "2021-10-13", "writes"],
      ["boris", "2021-10-12", "stands"],
      ["boris", "2021-10-13", "wrong"],
      ["vera", "2021-10-12", "locked"],
    ]);
    expect(plan.outside).toBe(2);
  });

  test("needs a work, and knows what stands there already", () => {
    const { desk } = deskOf({ "marks/2021-10-13": [given("anna", "4", "5")] });
    const plan = pasted([["4/5", "5"]], 0, 1, boardOf(desk));
    expect(plan.cells.map((one) => one.verdict)).toEqual(["same", "noWork"]);
  });
});

test("a column is filled where it is empty, but for those who were absent", () => {
  const { desk } = deskOf({ "marks/2021-10-12": [given("boris", "4")] }, [], ["vera"]);
  const plan = filled("5", 0, boardOf(desk));
  expect(plan.cells.map((one) => one.verdict)).toEqual(["writes", "stands", "absent"]);
  expect(countOf(plan, "writes")).toBe(1);
});

describe("undo", () => {
  const first = COLUMNS[0] as Column;
  const draft = (more: Partial<Cell>): Cell => ({ column: first.key, pupil: "anna", group: "g", on: first.on, text: "5", value: "5", had: false, reason: "", typed: 0, page: "p", command: null, refused: null, ...more });

  test("forgets what has not been sent", () => {
    const before = remember(first, "anna", "5", deskOf().desk);
    const { desk, put, dropped } = deskOf({}, [draft({})]);
    expect(undo([before], desk, "undone")).toBe(1);
    expect([put, dropped]).toEqual([[], [draftId(first.key, "anna")]]);
  });

  test("corrects what has been saved, with its reason, back to what stood", () => {
    const before = remember(first, "anna", "5", deskOf({ [first.key]: [given("anna", "4")] }).desk);
    const { desk, put } = deskOf({ [first.key]: [given("anna", "5")] });
    expect(undo([before], desk, "undone")).toBe(1);
    expect(put).toMatchObject([{ column: first.key, pupil: "anna", value: "4", text: "4", had: true, stood: "5", reason: "undone" }]);
  });

  test("takes a new mark away, also while it is on its way", () => {
    const before = remember(first, "anna", "5", deskOf().desk);
    const { desk, put } = deskOf({}, [draft({ command: "key" })]);
    undo([before], desk, "undone");
    expect(put).toMatchObject([{ value: "", had: true, reason: "undone" }]);
  });

  test("of «н» speaks to the roll, and does nothing where nothing has changed", () => {
    const before = remember(first, "anna", "н", deskOf().desk);
    const { desk, put } = deskOf({}, [], ["anna"]);
    expect([before.key, undo([before], desk, "undone")]).toEqual([first.roll, 1]);
    expect(put).toMatchObject([{ column: first.roll, value: "present", had: true }]);
    expect(undo([remember(first, "boris", "5", desk)], desk, "undone")).toBe(0);
  });
});
