import "fake-indexeddb/auto";
import fc from "fast-check";
import { deleteDB } from "idb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Answer, Command } from "../src/api/http";
import { Problem, type FieldError } from "../src/api/problem";
import { SaveQueue, seenIn } from "../src/saving/queue";
import { storeOf, type Store } from "../src/saving/store";

/** What becomes of a command on its way: as services and lines treat them. */
const FATES = ["arrives", "arrives twice", "is lost", "is answered to nobody", "finds them busy"] as const;
type Fate = (typeof FATES)[number];
type Step =
  | { kind: "types"; column: string; pupil: string; value: string }
  | { kind: "leaves"; column: string }
  | { kind: "waits"; seconds: number }
  | { kind: "line is back" }
  | { kind: "reloads" }
  | { kind: "reads anew" }
  | { kind: "another writes"; column: string; pupil: string; value: string };

const COLUMNS = ["marks/w1", "roll/g/2022-05-25/1"];
const PUPILS = ["anna", "boris"];
const idOf = (column: string, pupil: string) => `${column} ${pupil}`;

/** One school's truth: commands are carried out once by their key, nothing is replaced that its writer had not seen. */
class School {
  readonly stands = new Map<string, string>();
  readonly done: string[] = [];
  readonly overwritten: string[] = [];
  /** Whether this value was on the page when the cell was typed in. */
  shown: (cell: string, value: string) => boolean = () => true;
  readonly #answers = new Map<string, () => Answer>();

  carryOut(command: Command): Answer {
    const answer = this.#answers.get(command.key) ?? this.#decide(command);
    this.#answers.set(command.key, answer);
    return answer();
  }

  #decide({ key, path, body }: Command): () => Answer {
    this.done.push(key);
    const [, kind = "", ...rest] = path.split("/");
    const column = kind === "works" ? `marks/${rest[0]}` : `roll/${rest.slice(0, 3).join("/")}`;
    const told = body as { marks?: Told[]; entries?: Told[]; seen?: unknown } & Told;
    const all = told.marks ?? told.entries;
    const first = path.endsWith("/corrections") || path.endsWith("/removals") ? null : all;
    const wrong = (first ?? []).flatMap((one, n) => (this.#free(column, one) ? [] : [{ pointer: `/${told.marks ? "marks" : "entries"}/${n}/value`, code: "taken", detail: "" }]));
    if (wrong.length > 0) return () => refuse(409, "taken", wrong);
    for (const one of first ?? []) this.stands.set(idOf(column, one.pupil_id), valueOf(one));
    if (first) return () => ({ stream: column, version: 1, events: [] });
    const cell = idOf(column, told.pupil_id);
    const stood = this.stands.get(cell);
    if (stood === undefined) return () => refuse(409, "nothing there");
    if (valueOf(told) !== stood && told.seen !== undefined && seenOf(told.seen) !== stood) return () => refuse(409, "changed");
    if (stood.startsWith("other") && stood !== valueOf(told) && !this.shown(cell, stood)) this.overwritten.push(cell);
    this.stands.set(cell, valueOf(told));
    return () => ({ stream: column, version: 2, events: [] });
  }

  #free(column: string, one: Told): boolean {
    const stands = this.stands.get(idOf(column, one.pupil_id));
    return stands === undefined || stands === valueOf(one);
  }
}

type Told = { pupil_id: string; value?: string; state?: string };
const valueOf = ({ value, state }: Told) => value ?? state ?? "";
const seenOf = (seen: unknown) => (Array.isArray(seen) ? seen.join("/") : (seen as Told).state);
function refuse(status: number, code: string, errors: FieldError[] = []): never {
  throw new Problem(status, { code, detail: code, errors });
}

let store: Store;
let number = 0;
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

/** The browser's store works on real turns of the loop. */
async function turns(count = 40): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((done) => setImmediate(done));
}

/** A browser in front of the school, whose line has these fates. */
function browserOf(school: School, fates: Fate[]) {
  const seen = new Map<string, string>(); // what the page shows as saved
  const typed = new Map<string, { value: string; knew: string | undefined }>();
  let page = open();
  school.shown = (at, value) => typed.get(at)?.knew === value;

  function open() {
    const life = { alive: true };
    const send = async (command: Command): Promise<Answer> => {
      if (!life.alive) return new Promise(() => undefined);
      const fate = fates.shift() ?? "arrives";
      if (fate === "is lost") throw new Problem(0, {});
      if (fate === "finds them busy") return refuse(503, "busy");
      if (fate === "arrives twice") try { school.carryOut(command); } catch { /* the second answer is the same */ } // prettier-ignore
      if (fate !== "is answered to nobody") return school.carryOut(command);
      try { school.carryOut(command); } catch { /* nobody hears it */ } // prettier-ignore
      throw new Problem(0, {});
    };
    const queue = new SaveQueue(store, {
      send,
      saved: (column, cells) => cells.forEach((cell) => seen.set(idOf(column, cell.pupil), cell.value)),
      refused: () => undefined,
      ended: () => undefined,
      locks: undefined,
    });
    return { queue, life };
  }
  function read() {
    for (const [cell, value] of school.stands) seen.set(cell, value);
  }
  async function step(one: Step): Promise<void> {
    if (one.kind === "types") {
      const { column, pupil, value } = one;
      const cell = idOf(column, pupil);
      const draft = page.queue.cells().find((c) => c.column === column && c.pupil === pupil);
      const stands = seen.get(cell);
      const known = seenIn(draft, { had: stands !== undefined, stood: stands });
      if (!draft || draft.refused) typed.set(cell, { value, knew: stands });
      else typed.set(cell, { value, knew: typed.get(cell)?.knew });
      await page.queue.put({ column, pupil, group: "g", on: "2022-05-25", text: value, value, ...known, reason: "typo" });
    } else if (one.kind === "leaves") page.queue.leave(one.column);
    else if (one.kind === "waits") await vi.advanceTimersByTimeAsync(one.seconds * 1000);
    else if (one.kind === "line is back") page.queue.hurry();
    else if (one.kind === "reads anew") read();
    else if (one.kind === "another writes") school.stands.set(idOf(one.column, one.pupil), one.value);
    else {
      page.life.alive = false;
      vi.clearAllTimers();
      page = open();
      read();
      await page.queue.start();
    }
    await turns();
  }
  async function end(): Promise<void> {
    for (let n = 0; n < 40 && page.queue.cells().some((cell) => !cell.refused); n++) {
      page.queue.leaveAll();
      page.queue.hurry();
      await vi.advanceTimersByTimeAsync(60_000);
      await turns();
    }
  }
  return { step, end, typed, cells: () => page.queue.cells() };
}

const cell = { column: fc.constantFrom(...COLUMNS), pupil: fc.constantFrom(...PUPILS) };
const ours: fc.WeightedArbitrary<Step>[] = [
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("types"), ...cell, value: fc.constantFrom("2", "3", "4", "5") }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("leaves"), column: cell.column }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("waits"), seconds: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "line is back" }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reads anew" }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reloads" }) },
];
const others: fc.WeightedArbitrary<Step> = {
  weight: 3,
  arbitrary: fc.record({ kind: fc.constant("another writes"), ...cell, value: fc.constantFrom("other 1", "other 2") }),
};
const fates = fc.array(fc.constantFrom(...FATES), { maxLength: 30 });

async function played(steps: Step[], fate: Fate[]) {
  store = await storeOf(`p${number++}`);
  const school = new School();
  const browser = browserOf(school, [...fate]);
  try {
    for (const step of steps) await browser.step(step);
    await browser.end();
    return { school, browser, left: await store.count("commands") };
  } finally {
    vi.clearAllTimers();
    store.close();
    await deleteDB(store.name);
  }
}

test("o-02: whatever becomes of commands on their way, in the end what was typed last stands, each change once", async () => {
  const property = fc.asyncProperty(fc.array(fc.oneof(...ours), { minLength: 4, maxLength: 30 }), fates, async (steps, fate) => {
    const { school, browser, left } = await played(steps, fate);
    expect(browser.cells()).toEqual([]);
    expect(left).toBe(0);
    expect(new Map([...browser.typed].map(([at, { value }]) => [at, value]))).toEqual(school.stands);
    expect(new Set(school.done).size).toBe(school.done.length);
  });
  await fc.assert(property, { numRuns: 500 });
}, 60_000);

test("o-02: what another wrote is replaced only by who saw it; what is not saved is still there", async () => {
  const property = fc.asyncProperty(fc.array(fc.oneof(...ours, others), { minLength: 4, maxLength: 30 }), fates, async (steps, fate) => {
    const { school, browser } = await played(steps, fate);
    const kept = new Map(browser.cells().map((one) => [idOf(one.column, one.pupil), one.value]));
    for (const [at, { value }] of browser.typed) {
      const saved = school.stands.get(at) === value || steps.some((one) => one.kind === "another writes" && idOf(one.column, one.pupil) === at);
      expect(saved || kept.get(at) === value, `${at} ${value}`).toBe(true);
    }
    for (const one of browser.cells()) expect(one.refused).not.toBeNull();
    expect(school.overwritten).toEqual([]);
  });
  await fc.assert(property, { numRuns: 500 });
}, 60_000);
