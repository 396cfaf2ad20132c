import { useSyncExternalStore } from "react";

/** The one polite live region of the page: what a screen reader hears of things that happen elsewhere than under the focus. */
let words = "";
const listeners = new Set<() => void>();

export function announce(text: string): void {
  // the same words twice must be heard twice
  words = text === words ? `${text}\u00a0` : text;
  for (const tell of listeners) tell();
}

export function useAnnounced(): string {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => words,
  );
}
