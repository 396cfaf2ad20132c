import "fake-indexeddb/auto";
import { deleteDB } from "idb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Command } from "../src/api/http";
import { Problem } from "../src/api/problem";
import { LIMIT, NEEDS_REASON, REST, SaveQueue, type Around } from "../src/saving/queue";
import { forget, storeOf, type Store } from "../src/saving/store";

const OK = { stream: "s", version: 1, events: [] };
const ANNA = "anna";
const BORIS = "boris";
const VERA = "vera";
const WORK = "marks/w1";

let person: string;
let store: Store;
let number = 0;
let answers: (() => Promise<typeof OK>)[];
let sent: Command[];
let saved: string[];

/** A page's queue whose services answer what the test has put into `answers`, and yes afterwards. */
function pageOpens(locks?: Around["locks"]): SaveQueue {
  return new SaveQueue(store, {
    send: (command) => {
      sent.push(command);
      return (answers.shift() ?? (() => Promise.resolve(OK)))();
    },
    saved: (_, cells) => saved.push(...cells.map((c) => `${c.pupil} ${c.value}`)),
    refused: () => undefined,
    ended: () => undefined,
    locks,
  });
}

const typed = (pupil: string, value: string, more: object = {}) => ({
  column: WORK, pupil, group: "g", on: "2021-10-13", text: value, value, had: false, reason: "", ...more,
}); // prettier-ignore
const refuses = (status: number, errors: { pointer: string; code: string; detail: string }[] = [], code = "") => () =>
  Promise.reject(new Problem(status, { code, detail: "нельзя", errors }));
const marksOf = (command: Command | undefined) => (command?.body as { marks: { pupil_id: string; value: string }[] }).marks;
const quiet = () => vi.waitFor(() => expect(sent.length).toBeGreaterThan(0));

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  person = `p${number++}`;
  store = await storeOf(person);
  [answers, sent, saved] = [[], [], []];
});

afterEach(async () => {
  vi.useRealTimers();
  store.close();
  await deleteDB(`diary-${person}`);
});

test("a column is one command, sent when it has rested", async () => {
  const queue = pageOpens();
  await queue.put(typed(ANNA, "5"));
  await queue.put(typed(BORIS, "4"));
  await vi.advanceTimersByTimeAsync(REST - 1);
  expect(sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await vi.waitFor(() => expect(queue.cells()).toEqual([]));
  expect(sent).toHaveLength(1);
  expect(marksOf(sent[0])).toEqual([{ pupil_id: ANNA, value: "5" }, { pupil_id: BORIS, value: "4" }]); // prettier-ignore
  expect(saved).toEqual(["anna 5", "boris 4"]);
  expect(await store.count("cells")).toBe(0);
  expect(await store.count("commands")).toBe(0);
});

test("typing without a pause is sent after ten seconds all the same", async () => {
  const queue = pageOpens();
  for (let at = 0; at < LIMIT; at += 1_000) {
    await queue.put(typed(`pupil${at}`, "5"));
    await vi.advanceTimersByTimeAsync(1_000);
  }
  await quiet();
  expect(marksOf(sent[0])).toHaveLength(10);
});

test("leaving the column sends at once", async () => {
  const queue = pageOpens();
  await queue.put(typed(ANNA, "5"));
  queue.leave(WORK);
  await quiet();
});

test("what is changed before it leaves is no correction", async () => {
  const queue = pageOpens();
  await queue.put(typed(ANNA, "5"));
  await queue.put(typed(ANNA, "4"));
  queue.leave(WORK);
  await vi.waitFor(() => expect(saved).toEqual(["anna 4"]));
  expect(sent).toHaveLength(1);
});

test("the good cells of a refused column are sent again with a new key, the bad one keeps its sentence", async () => {
  answers = [refuses(422, [{ pointer: "/marks/1/value", code: "grades.not-on-five-points", detail: "«7» не оценка" }])];
  const queue = pageOpens();
  for (const [pupil, value] of [[ANNA, "5"], [BORIS, "7"], [VERA, "4"]] as const) await queue.put(typed(pupil, value)); // prettier-ignore
  queue.leave(WORK);
  await vi.waitFor(() => expect(saved).toEqual(["anna 5", "vera 4"]));
  expect(sent[1]?.key).not.toBe(sent[0]?.key);
  expect(queue.cells().map((c) => [c.pupil, c.refused?.sentence])).toEqual([[BORIS, "«7» не оценка"]]);
  expect((await store.getAll("cells")).map((c) => c.pupil)).toEqual([BORIS]);
});

test("a lost line: the same command with the same key goes again until it is answered", async () => {
  answers = [refuses(0), refuses(503), refuses(0)];
  const queue = pageOpens();
  await queue.put(typed(ANNA, "5"));
  queue.leave(WORK);
  await vi.waitFor(() => expect(queue.silent()).toBe(true));
  queue.hurry();
  await vi.advanceTimersByTimeAsync(60_000);
  await vi.waitFor(() => expect(saved).toEqual(["anna 5"]));
  expect(new Set(sent.map((c) => c.key)).size).toBe(1);
  expect(new Set(sent.map((c) => JSON.stringify(c.body))).size).toBe(1);
  expect(queue.silent()).toBe(false);
});

test("a page closed while its command was on its way: the next page sends that very command, then the rest", async () => {
  answers = [() => new Promise(() => undefined)];
  const first = pageOpens();
  await first.put(typed(ANNA, "5"));
  first.leave(WORK);
  await quiet();
  await first.put(typed(BORIS, "3"));
  const second = pageOpens(); // without locks every other page counts as closed
  await second.start();
  await vi.waitFor(() => expect(saved).toEqual(["anna 5", "boris 3"]));
  expect(sent[1]).toEqual(sent[0]);
  expect(marksOf(sent[2])).toEqual([{ pupil_id: BORIS, value: "3" }]);
  expect(await store.count("cells")).toBe(0);
});

test("cells of a page that is still open are left to it", async () => {
  const held = { request: vi.fn(() => new Promise(() => undefined)) } as unknown as NonNullable<Around["locks"]>;
  await pageOpens().put(typed(ANNA, "5"));
  const second = pageOpens(held);
  await second.start();
  expect(second.cells()).toEqual([]);
});

test("typed again while the first value was on its way: a correction, which waits for its reason", async () => {
  let answer: (ok: typeof OK) => void = () => undefined;
  answers = [() => new Promise((done) => (answer = done))];
  const queue = pageOpens();
  await queue.put(typed(ANNA, "5"));
  queue.leave(WORK);
  await quiet();
  await queue.put(typed(ANNA, "4"));
  answer(OK);
  await vi.waitFor(() => expect(queue.cells()[0]?.refused?.code).toBe(NEEDS_REASON));
  await queue.put(typed(ANNA, "4", { had: true, reason: "ошибка" }), null, 0);
  await vi.advanceTimersByTimeAsync(0);
  await vi.waitFor(() => expect(saved.at(-1)).toBe("anna 4"));
  expect(sent.at(-1)).toMatchObject({ path: "/works/w1/corrections", body: { pupil_id: ANNA, value: "4", reason: "ошибка" } });
});

test("an ended session keeps everything and sends nothing more", async () => {
  answers = [refuses(401)];
  const queue = pageOpens();
  await queue.put(typed(ANNA, "5"));
  queue.leave(WORK);
  await quiet();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent).toHaveLength(1);
  expect(await store.count("commands")).toBe(1);
});

test("a roll is one command for the class; once taken, each entry is a correction", async () => {
  const roll = "roll/g/2021-10-13/3";
  const queue = pageOpens();
  await queue.put(typed(ANNA, "absent/illness", { column: roll }));
  await queue.put(typed(BORIS, "late:10", { column: roll }));
  queue.leave(roll);
  await vi.waitFor(() => expect(queue.cells()).toEqual([]));
  await queue.put(typed(VERA, "present", { column: roll, had: true }), null, 0);
  await vi.advanceTimersByTimeAsync(0);
  await vi.waitFor(() => expect(queue.cells()).toEqual([]));
  expect(sent.map(({ method, path, body }) => [method, path, body])).toEqual([
    ["PUT", "/rolls/g/2021-10-13/3", { entries: [{ pupil_id: ANNA, state: "absent", reason: "illness" }, { pupil_id: BORIS, state: "late", minutes: 10 }] }],
    ["POST", "/rolls/g/2021-10-13/3/corrections", { pupil_id: VERA, state: "present" }],
  ]); // prettier-ignore
});

test("signing out does not throw unsaved work away unasked", async () => {
  await pageOpens().put(typed(ANNA, "5"));
  expect(await forget(false)).toBe(false);
  expect(await forget(true)).toBe(true);
  store = await storeOf(person);
  expect(await store.count("cells")).toBe(0);
});
