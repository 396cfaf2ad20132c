import type { Kept } from "../offline/kept";
import { stands } from "../offline/line";
import { Problem, problemOf } from "./problem";
import { forgetTab } from "./tab";

export type Service = "roster" | "lessons" | "grades" | "attendance" | "reporting" | "notify" | "messaging";
type Params = Record<string, string | readonly string[] | undefined>;

/** What every command answers: the stream it changed, its version now, and the events that say so. */
export type Answer = { stream: string; version: number; events: string[] };

/** What no other site can set: by it the portal knows its own pages. */
export const OURS = { "X-Diary": "1" };

let language = "ru";

/** The language in which services word their sentences. */
export function speak(next: string): void {
  language = next;
}

export function addressOf(service: Service, path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) for (const one of [value ?? []].flat()) query.append(name, one);
  const tail = query.toString();
  return `/api/${service}${path}${tail ? `?${tail}` : ""}`;
}

/** Leaves for the sign-in page and comes back to this very address; what is kept for work without a line goes with the session. Never returns. */
export async function goSignIn(): Promise<never> {
  await import("../offline/kept").then((m) => m.forgetKept()).catch(() => undefined);
  forgetTab();
  const here = location.pathname + location.search;
  location.assign(`/auth/sign-in?return_to=${encodeURIComponent(here)}`);
  return new Promise(() => undefined);
}

/** An answer that was asked for before this script was read, if it is to this very question; each is taken once. */
function begun(address: string, { method }: RequestInit): Promise<Response> | undefined {
  const { early } = globalThis as { early?: Map<string, Promise<Response>> };
  const answer = method === undefined ? early?.get(address) : undefined;
  early?.delete(address);
  return answer;
}

async function request(address: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await (begun(address, init) ?? fetch(address, { ...init, headers: { "Accept-Language": language, ...init.headers } }));
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, {});
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Asks the service, and nobody else. Throws Problem. */
export async function fresh<T>(service: Service, path: string, params?: Params, signal?: AbortSignal): Promise<T> {
  const response = await request(addressOf(service, path, params), signal ? { signal } : {});
  return (await response.json()) as T;
}

/** Reads; an ended session goes to the sign-in page. Throws Problem. */
export async function read<T>(service: Service, path: string, params?: Params, signal?: AbortSignal): Promise<T> {
  try {
    const data = await fresh<T>(service, path, params, signal);
    stands(null);
    return data;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return goSignIn();
    const kept = error instanceof Problem && error.status === 0 ? await keptAnswer(addressOf(service, path, params)) : null;
    if (kept === null) throw error;
    stands(kept.at);
    return kept.data as T;
  }
}

/** What this browser keeps for a teacher without a line. */
async function keptAnswer(address: string): Promise<Kept | null> {
  try {
    const { answerTo } = await import("../offline/kept");
    return await answerTo(address);
  } catch {
    return null; // no such part here, or a store that is closed to us
  }
}

export type Command = {
  method: "POST" | "PUT" | "PATCH" | "DELETE";
  service: Service;
  path: string;
  body?: unknown;
  /** Idempotency-Key: the same key with the same body is done once, however often it is sent. */
  key: string;
  /** Refused with 409 when the stream has another version by now. */
  ifMatch?: number;
};

/** Sends a command once. Throws Problem, 401 included: whoever holds unsaved work decides what to do. */
export async function send(command: Command): Promise<Answer> {
  const headers: Record<string, string> = { "Idempotency-Key": command.key, ...OURS };
  if (command.ifMatch !== undefined) headers["If-Match"] = `"${command.ifMatch}"`;
  if (command.body !== undefined) headers["Content-Type"] = "application/json";
  const response = await request(addressOf(command.service, command.path), {
    method: command.method,
    headers,
    ...(command.body === undefined ? {} : { body: JSON.stringify(command.body) }),
  });
  return response.status === 204 ? { stream: "", version: 0, events: [] } : ((await response.json()) as Answer);
}

/** Sends a command from a form, where the person waits: an ended session goes to the sign-in page. */
export async function act(command: Omit<Command, "key"> & { key?: string }): Promise<Answer> {
  try {
    return await send({ key: crypto.randomUUID(), ...command });
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return goSignIn();
    throw error;
  }
}

/** What makes an address secret: 32 bytes of chance, base64url. The service keeps no more than its hash. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
