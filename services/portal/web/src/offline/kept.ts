import type { Me } from "../api/roster";
import { addDays } from "../calendar";
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from "idb";

/**
 * What a teacher needs without a line, in this browser: answers of services by their address, each sealed (AES-GCM) with a key that no
 * script can read out. Of one person only; gone at sign-out, when another signs in, and after a week.
 */
export const NAME = "diary-kept";
/** Where the range of days is kept that a journal can be opened for. */
export const RANGE = "/kept/range";
const DAY = 86_400_000;
const WEEK = 7 * DAY;
const KEY = "key";

type Sealed = { address: string; iv: Uint8Array<ArrayBuffer>; box: ArrayBuffer; at: number };
interface Schema extends DBSchema {
  keys: { key: string; value: { name: string; person: string; key: CryptoKey } };
  answers: { key: string; value: Sealed };
}

export type Kept = { data: unknown; /** Milliseconds since 1970. */ at: number };

function open(): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(NAME, 1, {
    upgrade(db) {
      db.createObjectStore("keys", { keyPath: "name" });
      db.createObjectStore("answers", { keyPath: "address" });
    },
    blocking: (_now, _next, event) => (event.target as IDBDatabase).close(),
  });
}

/** Keeps these answers for the person; as `all` in the place of everything that was kept before. */
export async function keep(person: string, answers: ReadonlyMap<string, unknown>, which: "all" | "these", now = Date.now()): Promise<void> {
  const db = await open();
  try {
    const held = await db.get("keys", KEY);
    if (held && held.person !== person) await Promise.all([db.clear("keys"), db.clear("answers")]);
    const key = held?.person === person ? held.key : await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const sealed = await Promise.all([...answers].map(([address, data]) => seal(key, address, data, now)));
    const tx = db.transaction(["keys", "answers"], "readwrite");
    if (which === "all") await tx.objectStore("answers").clear();
    await Promise.all([tx.objectStore("keys").put({ name: KEY, person, key }), ...sealed.map((one) => tx.objectStore("answers").put(one)), tx.done]);
  } finally {
    db.close();
  }
}

/** The answer that was kept to this very question; null if there is none, or it is older than a week. */
export async function answerTo(address: string, now = Date.now()): Promise<Kept | null> {
  const db = await open();
  try {
    const [held, sealed] = await Promise.all([db.get("keys", KEY), db.get("answers", address)]);
    if (!held || !sealed) return null;
    if (now - sealed.at > WEEK) {
      await Promise.all([db.clear("keys"), db.clear("answers")]);
      return null;
    }
    const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv, additionalData: bytes(address) }, held.key, sealed.box);
    const data = JSON.parse(new TextDecoder().decode(opened)) as unknown;
    return { data: address.endsWith("/me") ? dayOf(data as Me, sealed.at, now) : data, at: sealed.at };
  } finally {
    db.close();
  }
}

/** Forgets everything, unless it is this person's. */
export async function forgetKept(unless?: string): Promise<void> {
  if (unless !== undefined) {
    const db = await open();
    const held = await db.get("keys", KEY);
    db.close();
    if (!held || held.person === unless) return;
  }
  await deleteDB(NAME);
}

/** The day at school has gone on since it was kept. */
function dayOf(me: Me, at: number, now: number): Me {
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / DAY);
  return { ...me, schools: me.schools.map((school) => ({ ...school, today: addDays(school.today, days) })) };
}

async function seal(key: CryptoKey, address: string, data: unknown, at: number): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bytes(address) }, key, bytes(JSON.stringify(data)));
  return { address, iv, box, at };
}

const bytes = (text: string) => new TextEncoder().encode(text);
