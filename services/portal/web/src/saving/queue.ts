import type { Answer, Command } from "../api/http";
import { Problem } from "../api/problem";
import { commandsOf } from "./commands";
import type { Cell, Kept, Store } from "./store";

export type Typed = Pick<Cell, "column" | "pupil" | "group" | "on" | "text" | "value" | "had" | "free" | "stood" | "reason" | "retake" | "comment" | "recommendation" | "criteria">;

/** What the queue needs of its surroundings. */
export type Around = {
  send: (command: Command) => Promise<Answer>;
  /** The service has saved these cells; called before they leave the queue. */
  saved: (column: string, cells: Cell[]) => void;
  /** The service refused some cells of the column. */
  refused: (column: string) => void;
  /** The session has ended; nothing is sent until the page is loaded again. */
  ended: () => void;
  locks: Pick<LockManager, "request"> | undefined;
};

/** Milliseconds. A column is sent when it has rested, and at the latest `limit` after its first change. */
export const REST = 2_000;
export const LIMIT = 10_000;
const BACKOFF = { first: 1_000, most: 30_000 };

type Pace = { first: number; timer: ReturnType<typeof setTimeout> };

/** Keeps each typed cell in the browser at once and saves it behind the person's back: whole columns, in order, each change once. */
export class SaveQueue {
  readonly page = crypto.randomUUID();
  #cells = new Map<string, Cell>();
  #pace = new Map<string, Pace>();
  #busy = new Map<string, Promise<void>>();
  #waits = new Set<() => void>();
  #listeners = new Set<() => void>();
  #seen: readonly Cell[] = [];
  #ended = false;
  #silent = false;
  readonly #store: Store;
  readonly #around: Around;

  constructor(store: Store, around: Around) {
    this.#store = store;
    this.#around = around;
  }

  /** Takes up what an earlier page of this browser left unsaved; what a page still open holds, once that page is gone. */
  async start(): Promise<void> {
    const { locks } = this.#around;
    // held as long as this page lives: others take our cells over only afterwards
    void locks?.request(`diary-page-${this.page}`, () => new Promise(() => undefined));
    const [cells, commands] = await Promise.all([this.#store.getAll("cells"), this.#store.getAll("commands")]);
    const pages = new Set([...cells, ...commands].map((kept) => kept.page));
    const adopted = [...pages].map((page) =>
      locks ? locks.request(`diary-page-${page}`, () => this.#adopt(page)) : this.#adopt(page),
    );
    if (!locks) await Promise.all(adopted);
  }

  cells = (): readonly Cell[] => this.#seen;
  /** True while the line is down and the queue goes on trying. */
  silent = (): boolean => this.#silent;

  subscribe = (tell: () => void): (() => void) => {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  };

  /** Keeps a cell and lets it be sent after `rest` milliseconds without another change in its column; `refused` cells are only kept. */
  async put(typed: Typed, refused: Cell["refused"] = null, rest = REST): Promise<void> {
    const cell: Cell = { ...typed, typed: Date.now(), page: this.page, command: null, refused };
    this.#hold(cell);
    if (refused === null) this.#wait(typed.column, rest);
    await this.#store.put("cells", cell);
  }

  /** Sends a command of a column that its cells stand on, before them: kept until there is an answer, as they are. */
  async ask(column: string, command: Kept["command"]): Promise<void> {
    const kept: Kept = { key: command.key, made: Date.now(), column, page: this.page, pupils: [], pointer: null, command };
    await this.#store.put("commands", kept);
    void this.#inTurn(column, () => this.#deliver(kept));
  }

  /** Whether something of the column is not saved yet. */
  holds = (column: string): boolean => this.#seen.some((cell) => cell.column === column);

  /** Gives a cell up: what the service has stands. */
  async drop(column: string, pupil: string): Promise<void> {
    this.#cells.delete(idOf(column, pupil));
    this.#changed();
    await this.#store.delete("cells", [column, pupil]);
  }

  /** Sends what waits in a column now: it was left. */
  leave(column: string): void {
    const pace = this.#pace.get(column);
    if (!pace) return;
    clearTimeout(pace.timer);
    this.#pace.delete(column);
    void this.#flush(column);
  }

  leaveAll(): void {
    for (const column of [...this.#pace.keys()]) this.leave(column);
  }

  /** Tries at once what waits for its next try: the line is back. */
  hurry(): void {
    for (const go of [...this.#waits]) go();
  }

  #hold(cell: Cell): void {
    this.#cells.set(idOf(cell.column, cell.pupil), cell);
    this.#changed();
  }

  #changed(): void {
    this.#seen = [...this.#cells.values()];
    for (const tell of this.#listeners) tell();
  }

  #wait(column: string, rest: number): void {
    const before = this.#pace.get(column);
    if (before) clearTimeout(before.timer);
    const first = before?.first ?? Date.now();
    const left = Math.max(0, Math.min(rest, first + LIMIT - Date.now()));
    const timer = setTimeout(() => {
      this.#pace.delete(column);
      void this.#flush(column);
    }, left);
    this.#pace.set(column, { first, timer });
  }

  /** All of it at once: a page that is left in the midst of this leaves no cell without the command that it stands on. */
  async #adopt(page: string): Promise<void> {
    const tx = this.#store.transaction(["cells", "commands"], "readwrite");
    const [cells, commands] = await Promise.all([tx.objectStore("cells").getAll(), tx.objectStore("commands").getAll()]);
    const left = commands.filter((kept) => kept.page === page).sort((a, b) => (a.made ?? 0) - (b.made ?? 0));
    const ours = cells
      .filter((cell) => cell.page === page && !this.#cells.has(idOf(cell.column, cell.pupil))) // else typed again meanwhile
      .map((cell) => ({ ...cell, page: this.page, command: left.some((kept) => kept.key === cell.command) ? cell.command : null }));
    const writes: Promise<unknown>[] = [
      ...ours.map((cell) => tx.objectStore("cells").put(cell)),
      ...left.map((kept) => tx.objectStore("commands").put({ ...kept, page: this.page })),
    ];
    await Promise.all([...writes, tx.done]);
    for (const cell of ours) if (!this.#cells.has(idOf(cell.column, cell.pupil))) this.#hold(cell);
    for (const kept of left) void this.#inTurn(kept.column, () => this.#deliver(kept));
    for (const column of new Set(ours.map((cell) => cell.column))) void this.#flush(column);
  }

  /** One thing at a time in a column. */
  #inTurn(column: string, work: () => Promise<void>): Promise<void> {
    const turn = (this.#busy.get(column) ?? Promise.resolve()).then(work);
    this.#busy.set(column, turn);
    return turn;
  }

  #flush(column: string): Promise<void> {
    return this.#inTurn(column, async () => {
      const waiting = [...this.#cells.values()].filter((c) => c.column === column && !c.refused && !c.command);
      for (const draft of commandsOf(column, waiting)) {
        const key = crypto.randomUUID();
        const values = draft.pupils.map((pupil) => waiting.find((cell) => cell.pupil === pupil)?.value ?? "");
        const kept: Kept = { key, made: Date.now(), column, page: this.page, ...draft, values, command: { ...draft.command, key } };
        await this.#keep(kept, waiting);
        await this.#deliver(kept);
      }
    });
  }

  /** The command and its cells are kept together, so that a reload sends the same command and not another one. */
  async #keep(kept: Kept, waiting: Cell[]): Promise<void> {
    const tx = this.#store.transaction(["cells", "commands"], "readwrite");
    const writes: Promise<unknown>[] = [tx.objectStore("commands").put(kept)];
    for (const cell of waiting.filter((c) => kept.pupils.includes(c.pupil))) {
      const current = this.#cells.get(idOf(cell.column, cell.pupil));
      if (current !== cell) continue; // changed again before it left
      const sent = { ...cell, command: kept.key };
      this.#cells.set(idOf(cell.column, cell.pupil), sent);
      writes.push(tx.objectStore("cells").put(sent));
    }
    await Promise.all([...writes, tx.done]);
    this.#changed();
  }

  async #deliver(kept: Kept): Promise<void> {
    for (let tries = 0; !this.#ended; tries++) {
      try {
        await this.#around.send(kept.command);
        this.#hear(false);
        return await this.#settle(kept, () => null);
      } catch (error) {
        const problem = error instanceof Problem ? error : new Problem(0, {});
        this.#hear(problem.status === 0);
        if (problem.status === 401) {
          this.#ended = true;
          return this.#around.ended();
        }
        if (!problem.passing) return await this.#settle(kept, refusalOf(kept, problem));
        await this.#pause(pauseOf(problem, tries));
      }
    }
  }

  #hear(silent: boolean): void {
    if (this.#silent === silent) return;
    this.#silent = silent;
    this.#changed();
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((done) => {
      const go = () => {
        clearTimeout(timer);
        this.#waits.delete(go);
        done();
      };
      const timer = setTimeout(go, milliseconds);
      this.#waits.add(go);
    });
  }

  /** The answer is known: saved cells leave, refused ones keep their sentence, the good ones of a refused column go again. */
  async #settle(kept: Kept, refusal: (pupil: string) => Cell["refused"] | "again"): Promise<void> {
    const saved: Cell[] = [];
    const again: Cell[] = [];
    const refused: Cell[] = [];
    for (const cell of [...this.#cells.values()].filter((c) => c.column === kept.column && kept.pupils.includes(c.pupil))) {
      const answer = refusal(cell.pupil);
      const ours = cell.command === kept.key;
      if (answer === null && ours) saved.push(cell);
      else if (answer === null) again.push(overtaken(cell, kept.values?.[kept.pupils.indexOf(cell.pupil)]));
      else if (ours && answer === "again") again.push({ ...cell, command: null });
      else if (ours && answer !== "again") refused.push({ ...cell, command: null, refused: answer });
    }
    if (saved.length > 0) this.#around.saved(kept.column, saved);
    for (const cell of saved) this.#cells.delete(idOf(cell.column, cell.pupil));
    for (const cell of [...again, ...refused]) this.#cells.set(idOf(cell.column, cell.pupil), cell);
    const tx = this.#store.transaction(["cells", "commands"], "readwrite");
    const store = tx.objectStore("cells");
    await Promise.all([
      tx.objectStore("commands").delete(kept.key),
      ...saved.map((c) => store.delete([c.column, c.pupil])),
      ...[...again, ...refused].map((c) => store.put(c)),
      tx.done,
    ]);
    this.#changed();
    if (refused.length > 0) this.#around.refused(kept.column);
    if (again.some((c) => !c.refused)) void this.#flush(kept.column);
  }
}

/**
 * Whether a saved value was there, and which, when a cell was typed: over a cell that waits what its first typing saw, since the page has
 * shown nothing else; `now` is what the page knows to be saved, and shows, otherwise.
 */
export function seenIn(waiting: Cell | undefined, now: Pick<Cell, "had" | "stood">): Pick<Cell, "had" | "stood"> {
  return waiting && !waiting.refused ? { had: waiting.had, stood: waiting.stood } : now;
}

const idOf = (column: string, pupil: string) => `${column} ${pupil}`;

/** Typed again while the first value, `sent`, was on its way and got saved: now it is a correction, and a mark's needs a reason. */
function overtaken(cell: Cell, sent: string | undefined): Cell {
  if (cell.free) return { ...cell, command: null };
  const reasonless = cell.column.startsWith("marks/") && cell.reason === "";
  return { ...cell, had: true, stood: sent, command: null, refused: reasonless ? { code: NEEDS_REASON, sentence: "" } : cell.refused };
}

/** Code of a refusal of ours: the cell waits for the reason of the correction. */
export const NEEDS_REASON = "needs-reason";

/** Code of a refusal of ours: a comment is being written to the mark, which goes together with it. */
export const HELD = "held";

/** Which cells of a refused command are at fault; the others go «again». Without pointers all of them are. */
function refusalOf(kept: Kept, problem: Problem): (pupil: string) => Cell["refused"] | "again" {
  const { pointer } = kept;
  const faults = new Map<string, NonNullable<Cell["refused"]>>();
  for (const error of problem.errors) {
    const place = pointer && error.pointer.startsWith(`${pointer}/`) ? Number(error.pointer.slice(pointer.length + 1).split("/")[0]) : Number.NaN;
    const pupil = kept.pupils[place];
    if (pupil !== undefined) faults.set(pupil, { code: error.code, sentence: error.detail });
  }
  const whole = { code: problem.code, sentence: problem.errors[0]?.detail ?? problem.detail };
  return (pupil) => (faults.size === 0 ? whole : (faults.get(pupil) ?? "again"));
}

/** Full jitter, so that a school whose line comes back does not ask all at once. */
function pauseOf(problem: Problem, tries: number): number {
  if (problem.retryAfter !== null) return problem.retryAfter * 1000 * (1 + Math.random() / 4);
  return Math.random() * Math.min(BACKOFF.most, BACKOFF.first * 2 ** tries);
}
