/**
 * One stream of server-sent events for a browser, shared by its tabs: the tab that holds the lock listens and tells the others.
 * Browsers open six connections to a server in all, so a tab with a journal opens none of its own: it says which group it
 * follows, and the listening tab opens the stream anew with that group in it, going on where it was.
 * A tab that takes over begins a stream without Last-Event-ID, and each service's first word then says: read anew.
 */
export type Heard = { event: string; data: string };
export type Listen = (heard: Heard) => void;
type Said = Heard | { tab: string; follows: string[] } | { asks: true };

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

/** `stop` ends the listening of this tab; `follow` says which groups it wants to hear of from now on. */
export type Listening = { stop: () => void; follow: (groups: readonly string[]) => void };

const MOST = 20; // groups of one stream
const CLOSED = 2; // EventSource.CLOSED: it was refused, and the browser does not try again by itself
const PAUSE = [3_000, 15_000] as const; // milliseconds between which it is tried again, at random: a crowd disperses
const SHORT = 2; // refusals in a row after which the pause grows
const DOUBLED = 3; // how often it is doubled, at most

/** Listens until stopped. `events` are the stream's event names, `address` what every tab of the person wants. */
export function listen(address: string, events: readonly string[], tell: Listen, on: Browser = browser): Listening {
  const channel = on.channel(`diary-live:${address}`);
  const left = new AbortController();
  const tab = crypto.randomUUID();
  const wanted = new Map<string, readonly string[]>([[tab, []]]);
  let source: EventSource | null = null;
  let held: readonly string[] = [];
  let last = "";
  let refused = 0;

  channel.onmessage = ({ data }: MessageEvent<Said>) => {
    if ("event" in data) return tell(data);
    if ("asks" in data) return channel.postMessage({ tab, follows: [...(wanted.get(tab) ?? [])] });
    wanted.set(data.tab, data.follows);
    if (source) open();
  };

  function say(heard: Heard): void {
    channel.postMessage(heard);
    tell(heard);
  }

  /** Opens the stream, unless the open one has all that is wanted: what nobody wants any more does no harm. */
  function open(): void {
    const groups = [...new Set([...wanted.values()].flat())].slice(-MOST);
    if (source && groups.every((group) => held.includes(group))) return;
    source?.close();
    held = groups;
    const more = [...groups.map((group) => `group_id=${group}`), ...(last ? [`last_event_id=${encodeURIComponent(last)}`] : [])];
    const joint = address.includes("?") ? "&" : "?";
    const opened = on.source(more.length > 0 ? address + joint + more.join("&") : address);
    source = opened;
    opened.addEventListener("error", () => {
      if (opened.readyState === CLOSED) again(opened);
    });
    for (const event of events) {
      opened.addEventListener(event, (message) => {
        const { data, lastEventId } = message as MessageEvent<string>;
        last = lastEventId || last;
        refused = 0;
        say({ event, data });
      });
    }
  }

  /** Opens the stream anew that a busy or restarting server refused, later if it goes on refusing. */
  function again(closed: EventSource): void {
    const pause = (PAUSE[0] + Math.random() * (PAUSE[1] - PAUSE[0])) * 2 ** Math.min(Math.max(0, refused++ - SHORT), DOUBLED);
    setTimeout(() => {
      if (source !== closed || left.signal.aborted) return;
      source = null;
      open();
    }, pause);
  }

  function lead(): Promise<void> {
    if (left.signal.aborted) return Promise.resolve();
    open();
    channel.postMessage({ asks: true });
    return new Promise((done) => {
      left.signal.addEventListener("abort", () => {
        source?.close();
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
  return {
    follow(groups) {
      wanted.set(tab, groups);
      if (source) open();
      else channel.postMessage({ tab, follows: [...groups] });
    },
    stop() {
      channel.postMessage({ tab, follows: [] });
      left.abort();
      channel.close();
    },
  };
}
