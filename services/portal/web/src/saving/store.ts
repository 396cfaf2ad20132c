import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Command } from "../api/http";

/** A cell typed and not yet known to be saved. One a column and pupil. */
export type Cell = {
  /** What it belongs to: `marks/<work>`, `roll/<group>/<day>/<number>` or `term/<term>/<group>`. */
  column: string;
  pupil: string;
  /** Where it is shown: the journal of this group, on this day. */
  group: string;
  on: string;
  /** What was typed, to be shown until it is saved. */
  text: string;
  /** The value as the service reads it; empty takes a mark away. */
  value: string;
  /** Whether a saved value stands there already: then it is a correction and has a reason. */
  had: boolean;
  /** What stands may be replaced without a reason: a draft, a grade of an open term. */
  free?: boolean;
  /** What stood when it was typed, as the service writes it: who finds another value there is told so. */
  stood?: string | undefined;
  reason: string;
  /** It is the mark of a retake: the school's rule says what counts then. */
  retake?: boolean;
  /** The teacher's words to a new mark; a mark that stands takes none. */
  comment?: string;
  /** What the teacher advises to do next, with a new mark. */
  recommendation?: string;
  /** Points by criterion: then the service makes the mark of them. */
  criteria?: Record<string, number>;
  /** Milliseconds since 1970. */
  typed: number;
  /** The page that will send it; see `adopt`. */
  page: string;
  /** The command it is in, once it is being sent. */
  command: string | null;
  /** Why the service refused it; null while it may still be saved. */
  refused: { code: string; sentence: string } | null;
};

/** A command made but not answered: it is sent again as it is, with its key, until there is an answer. */
export type Kept = {
  key: string;
  /** Milliseconds since 1970: they are sent in this order. */
  made?: number;
  column: string;
  page: string;
  pupils: string[];
  /** What it puts down, in the order of `pupils`, as the service writes it. */
  values?: string[];
  pointer: string | null;
  command: Command;
};

export type Draft = { name: string; value: unknown };

interface Schema extends DBSchema {
  cells: { key: [string, string]; value: Cell };
  commands: { key: string; value: Kept };
  drafts: { key: string; value: Draft };
}
export type Store = IDBPDatabase<Schema>;

let current: { person: string; store: Promise<Store> } | null = null;
const nameOf = (person: string) => `diary-${person}`;

/** This person's unsaved work in this browser. Another person's is another database. */
export function storeOf(person: string): Promise<Store> {
  if (current?.person !== person) {
    const store = openDB<Schema>(nameOf(person), 1, {
      upgrade(db) {
        db.createObjectStore("cells", { keyPath: ["column", "pupil"] });
        db.createObjectStore("commands", { keyPath: "key" });
        db.createObjectStore("drafts", { keyPath: "name" });
      },
      blocking: (_now, _next, event) => (event.target as IDBDatabase).close(),
    });
    current = { person, store };
  }
  return current.store;
}

/** Deletes what this browser keeps of the person at sign-out. False, and nothing is deleted, if it is unsaved and not `sure`. */
export async function forget(sure: boolean, person = current?.person): Promise<boolean> {
  if (person === undefined) return true;
  const store = await storeOf(person);
  const counts = await Promise.all([store.count("cells"), store.count("commands"), store.count("drafts")]);
  if (!sure && counts.some((count) => count > 0)) return false;
  store.close();
  current = null;
  await deleteDB(nameOf(person));
  return true;
}
