import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { listen, RESUMED, type Heard } from "./hub";

const EVENTS = ["reporting", "notify", "messaging"] as const;

/** What each service's word makes old: the first parts of the query keys. */
const TOUCHES: Record<string, (pupil: string | undefined) => unknown[][]> = {
  reporting: (pupil) => (pupil ? [["pupil", pupil]] : []),
  notify: () => [["feed"], ["deliveries"]],
  messaging: () => [["conversations"], ["thread"]],
};

function refresh(queries: QueryClient, pupil: string | undefined, { event }: Heard): void {
  const names = event === RESUMED ? EVENTS : [event];
  for (const name of names) {
    for (const queryKey of TOUCHES[name]?.(pupil) ?? []) void queries.invalidateQueries({ queryKey });
  }
}

/** Keeps what is on the screen as new as the server's: everything of the person, and of the pupil whose page is open. */
export function useLive(pupil: string | undefined): void {
  const queries = useQueryClient();
  useEffect(() => {
    const address = pupil ? `/live?pupil_id=${pupil}` : "/live";
    return listen(address, EVENTS, (heard) => refresh(queries, pupil, heard));
  }, [queries, pupil]);
}

const SHOWN = 6_000; // milliseconds that a new thing stays marked as new

/** Which of these appeared since the list was first shown; for a few seconds each. `list` names the list: another one starts anew. */
export function useArrived(list: string, ids: readonly string[] | undefined): ReadonlySet<string> {
  const known = useRef<{ list: string; ids: Set<string> } | null>(null);
  const [arrived, setArrived] = useState<ReadonlySet<string>>(new Set());
  const joined = ids?.join(" ");
  useEffect(() => {
    if (joined === undefined) return;
    const now = joined === "" ? [] : joined.split(" ");
    const before = known.current?.list === list ? known.current.ids : null;
    known.current = { list, ids: new Set(now) };
    const fresh = before === null ? [] : now.filter((id) => !before.has(id));
    if (fresh.length === 0) return;
    setArrived((old) => new Set([...old, ...fresh]));
    const timer = setTimeout(() => setArrived((old) => new Set([...old].filter((id) => !fresh.includes(id)))), SHOWN);
    return () => clearTimeout(timer);
  }, [list, joined]);
  return useMemo(() => arrived, [arrived]);
}
