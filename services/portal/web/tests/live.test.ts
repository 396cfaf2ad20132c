import { expect, test } from "vitest";
import { listen, type Browser, type Heard } from "../src/live/hub";

/** A browser with as many tabs as the test opens: one lock, one channel, and streams that can be spoken into. */
function aBrowser() {
  const waiting: (() => void)[] = [];
  const channels = new Set<{ onmessage: ((message: MessageEvent) => void) | null }>();
  const streams: { closed: boolean; say: (event: string, data: string) => void }[] = [];
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
    source: () => {
      const heard = new Map<string, (message: MessageEvent) => void>();
      const stream = {
        closed: false,
        say: (event: string, data: string) => heard.get(event)?.({ data } as MessageEvent),
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
  const leaveFirst = listen("/live", ["reporting"], (heard) => first.push(heard), browser);
  const leaveSecond = listen("/live", ["reporting"], (heard) => second.push(heard), browser);
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
