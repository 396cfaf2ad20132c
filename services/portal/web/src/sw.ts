/**
 * The application itself without a line: its page, scripts, words and type. It keeps nothing that a service answered:
 * a teacher's next lessons are kept sealed by the page (offline/kept.ts). Registered for teachers only.
 */
declare const __SHELL__: string[];

type Waits = Event & { waitUntil: (done: Promise<unknown>) => void };
type Asked = Waits & { request: Request; respondWith: (answer: Promise<Response>) => void };
type Worker = EventTarget & { location: Location; skipWaiting: () => Promise<void>; clients: { claim: () => Promise<void> } };

const worker = self as unknown as Worker;
const SHELL = "diary-shell";
const PAGE = "/";
const AT_ONCE = 4;
const SERVED = /^\/(?:api|auth|identity|live|calendar)(?:\/|$)/;

worker.addEventListener("install", (event) => (event as Waits).waitUntil(install()));
worker.addEventListener("activate", (event) => (event as Waits).waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const { request, respondWith } = event as Asked;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== worker.location.origin || SERVED.test(pathname)) return;
  const answer = request.mode === "navigate" ? page(request) : part(request);
  respondWith.call(event, answer);
});

/** Everything of this build; what an earlier build had goes, so that old and new parts never meet. */
async function install(): Promise<void> {
  const cache = await caches.open(SHELL);
  const wanted = new Set([PAGE, ...__SHELL__].map((path) => new URL(path, worker.location.origin).href));
  for (const kept of await cache.keys()) if (!wanted.has(kept.url) || kept.url.endsWith("/")) await cache.delete(kept);
  const missing: string[] = [];
  for (const address of wanted) if (!(await cache.match(address))) missing.push(address);
  // a hundred questions at once are a crowd to the portal
  const some = Array.from({ length: AT_ONCE }, async () => {
    for (let address = missing.pop(); address !== undefined; address = missing.pop()) await cache.add(address);
  });
  await Promise.all(some);
  await worker.skipWaiting();
}

/** The newest page if there is a line, else the one that is kept: one page serves every address. */
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

/** Parts have the hash of their content in their names: the kept one is the right one. */
async function part(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

export {};
