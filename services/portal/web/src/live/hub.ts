/** One stream of server-sent events for a browser, shared by its tabs: the tab that holds the lock listens and tells the others. */
export type Heard = { event: string; data: string };
export type Listen = (heard: Heard) => void;

/** Told when a tab takes the stream over, or gets it back after a break: what happened meanwhile may be missing. */
export const RESUMED = "resumed";

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
    let opened = false;
    source.onopen = () => {
      // the server's Last-Event-ID covers a short break; a new listener has no id to give, so all is asked anew
      if (!opened) say({ event: RESUMED, data: "" });
      opened = true;
    };
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
