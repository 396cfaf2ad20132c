import { useSyncExternalStore } from "react";

/** Since when the pages stand on what is kept in this browser; null while services answer. Milliseconds since 1970. */
let since: number | null = null;
const listeners = new Set<() => void>();

export function stands(on: number | null): void {
  if (on === since) return;
  since = on;
  for (const tell of listeners) tell();
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export const useKeptSince = (): number | null => useSyncExternalStore(subscribe, () => since);
