/**
 * One stream of server-sent events for a browser, shared by its tabs: the tab that holds the lock listens and tells the others.
 * A tab that takes over begins a stream without Last-Event-ID, and each service's first word then says: read anew.
 */
export type Heard = { event: string; data: string };
export type Listen = (heard: Heard) => void;

/** What of the browser the hub stands on; tests bring their own. */
export type Browser = {
  locks: Pick<LockManager, "request"> | undefined;
  channel: (name: string) => BroadcastChannel;
  source: (address: string) => EventSource;
};

const browser: Browser = {
  locks: globalThis.navigator?.locks,
  channel: (name) => new BroadcastChannel(name),
  source: (address) => new EventSource(address),
};

/** Listens until the returned function is called. `events` are the stream's event names. */
export function listen(address: string, events: readonly string[], tell: Listen, on: Browser = browser): () => void {
  const channel = on.channel(`diary-live:${address}`);
  const left = new AbortController();
  channel.onmessage = (message: MessageEvent<Heard>) => tell(message.data);

  function say(heard: Heard): void {
    channel.postMessage(heard);
    tell(heard);
  }

  function lead(): Promise<void> {
    if (left.signal.aborted) return Promise.resolve();
    const source = on.source(address);
    for (const event of events) {
      source.addEventListener(event, (message) => say({ event, data: (message as MessageEvent<string>).data }));
    }
    return new Promise((done) => {
      left.signal.addEventListener("abort", () => {
        source.close();
        done();
      });
    });
  }

  if (on.locks) {
    // a waiting request ends with an AbortError when we leave
    on.locks.request(`diary-live:${address}`, { signal: left.signal }, lead).catch(() => undefined);
  } else {
    void lead();
  }
  return () => {
    left.abort();
    channel.close();
  };
}
