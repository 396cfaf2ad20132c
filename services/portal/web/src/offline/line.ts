import { useSyncExternalStore } from "react";

/** Since when the pages stand on what is kept in this browser; null while services answer. Milliseconds since 1970. */
let since: number | null = null;
const listeners = new Set<() => void>();

export function stands(on: number | null): void {
  if (on === since) return;
  since = on;
  for (const tell of listeners) tell();
}

const keepers = new Set<(group: string) => void>();

/** Something of the group's journal or roll was saved. */
export function tellSaved(group: string): void {
  for (const tell of keepers) tell(group);
}

/** Returns how to stop. */
export function whenSaved(tell: (group: string) => void): () => void {
  keepers.add(tell);
  return () => void keepers.delete(tell);
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export const useKeptSince = (): number | null => useSyncExternalStore(subscribe, () => since);
