import { expect, test, vi } from "vitest";
import { listen, type Browser, type Heard } from "../src/live/hub";

/** A browser with as many tabs as the test opens: one lock, one channel, and streams that can be spoken into. */
function aBrowser() {
  const waiting: (() => void)[] = [];
  const channels = new Set<{ onmessage: ((message: MessageEvent) => void) | null }>();
  const streams: { address: string; closed: boolean; say: (event: string, data: string, id?: string) => void; refuse: () => void }[] = [];
  let held = false;

  const next = () => {
    held = false;
    waiting.shift()?.();
  };
  const locks = {
    request: (_: string, options: { signal: AbortSignal }, work: () => Promise<void>) =>
      new Promise<void>((done, fail) => {
        const run = () => {
          held = true;
          void work().then(next).then(done);
        };
        if (!held) return run();
        waiting.push(run);
        options.signal.addEventListener("abort", () => {
          const at = waiting.indexOf(run);
          if (at >= 0) waiting.splice(at, 1);
          fail(new DOMException("left", "AbortError"));
        });
      }),
  };
  const browser = {
    locks,
    channel: () => {
      const channel = {
        onmessage: null,
        postMessage: (data: unknown) => channels.forEach((c) => c !== channel && c.onmessage?.({ data } as MessageEvent)),
        close: () => channels.delete(channel),
      };
      channels.add(channel);
      return channel;
    },
    source: (address: string) => {
      const heard = new Map<string, (message: MessageEvent) => void>();
      const stream = {
        address,
        closed: false,
        readyState: 1,
        refuse: () => {
          stream.readyState = 2;
          heard.get("error")?.({} as MessageEvent);
        },
        say: (event: string, data: string, id = "") => heard.get(event)?.({ data, lastEventId: id } as MessageEvent),
        addEventListener: (event: string, tell: (message: MessageEvent) => void) => heard.set(event, tell),
        close: () => (stream.closed = true),
      };
      streams.push(stream);
      return stream;
    },
  };
  return { browser: browser as unknown as Browser, streams };
}

test("two tabs share one stream and both hear it; when its tab closes the other opens it", async () => {
  const { browser, streams } = aBrowser();
  const [first, second]: [Heard[], Heard[]] = [[], []];
  const { stop: leaveFirst } = listen("/live", ["reporting"], (heard) => first.push(heard), browser);
  const { stop: leaveSecond } = listen("/live", ["reporting"], (heard) => second.push(heard), browser);
  expect(streams).toHaveLength(1);
  streams[0]?.say("reporting", "a mark");
  expect([first, second]).toEqual([[{ event: "reporting", data: "a mark" }], [{ event: "reporting", data: "a mark" }]]);
  leaveFirst();
  await new Promise((done) => setTimeout(done));
  expect(streams[0]?.closed).toBe(true);
  expect(streams).toHaveLength(2);
  streams[1]?.say("reporting", "another");
  expect(second).toHaveLength(2);
  expect(first).toHaveLength(1);
  leaveSecond();
});

test("a journal in any tab is heard of through the one stream, which goes on where it was", () => {
  const { browser, streams } = aBrowser();
  const heard: Heard[] = [];
  const first = listen("/live?pupil_id=p", ["reporting"], () => undefined, browser);
  const second = listen("/live?pupil_id=p", ["reporting"], (one) => heard.push(one), browser);
  streams[0]?.say("reporting", "a mark", "reporting=7&notify=1");
  second.follow(["7a"]);
  expect(streams.map((s) => s.closed)).toEqual([true, false]);
  expect(streams[1]?.address).toBe("/live?pupil_id=p&group_id=7a&last_event_id=reporting%3D7%26notify%3D1");
  streams[1]?.say("reporting", "the journal changed");
  expect(heard.map((one) => one.data)).toEqual(["a mark", "the journal changed"]);
  second.follow([]);
  first.follow(["7a"]);
  expect(streams).toHaveLength(2);
  first.follow(["7a", "7b"]);
  expect(streams[2]?.address).toContain("group_id=7a&group_id=7b&");
  second.stop();
  first.stop();
});

test("the tab that takes the stream over asks what the others follow", async () => {
  const { browser, streams } = aBrowser();
  const first = listen("/live", ["reporting"], () => undefined, browser);
  const second = listen("/live", ["reporting"], () => undefined, browser);
  const third = listen("/live", ["reporting"], () => undefined, browser);
  third.follow(["7a"]);
  first.stop();
  await new Promise((done) => setTimeout(done));
  expect(streams.at(-1)?.address).toBe("/live?group_id=7a");
  second.stop();
  third.stop();
});

test("a stream that a busy server refuses is opened again later, and later still in the end, and goes on where it was", () => {
  vi.useFakeTimers();
  const { browser, streams } = aBrowser();
  const { stop } = listen("/live", ["reporting"], () => undefined, browser);
  streams[0]?.say("reporting", "a mark", "reporting=7");
  streams[0]?.refuse();
  vi.advanceTimersByTime(2_900);
  expect(streams).toHaveLength(1);
  vi.advanceTimersByTime(12_200);
  expect(streams).toHaveLength(2);
  expect(streams[1]?.address).toBe("/live?last_event_id=reporting%3D7");
  for (const opened of [2, 3]) {
    streams[opened - 1]?.refuse();
    vi.advanceTimersByTime(15_100);
    expect(streams).toHaveLength(opened + 1);
  }
  streams[3]?.refuse();
  vi.advanceTimersByTime(5_900);
  expect(streams).toHaveLength(4);
  vi.advanceTimersByTime(24_200);
  expect(streams).toHaveLength(5);
  streams[4]?.refuse();
  stop();
  vi.advanceTimersByTime(200_000);
  expect(streams).toHaveLength(5);
  vi.useRealTimers();
});
