import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { listen, type Heard } from "./hub";

const EVENTS = ["reporting", "notify", "messaging"] as const;

/** What each service's word makes old: the first parts of the query keys. */
const TOUCHES: Record<string, string[]> = {
  reporting: ["pupil"],
  notify: ["feed", "deliveries"],
  messaging: ["conversations", "thread"],
};

/** Asks anew what the word makes old. What is under way is let finish first: on a slow line it may be the first page. */
async function refresh(queries: QueryClient, { event, data }: Heard): Promise<void> {
  const pupil = event === "reporting" ? pupilOf(data) : undefined;
  for (const name of TOUCHES[event] ?? []) {
    const queryKey = pupil === undefined ? [name] : [name, pupil];
    const underWay = queries.getQueryCache().findAll({ queryKey, fetchStatus: "fetching" });
    await Promise.allSettled(underWay.map((query) => query.promise));
    await queries.invalidateQueries({ queryKey });
  }
}

/** The portal wraps what the services say: `{"event", "data"}`. A snapshot is about no one in particular. */
function pupilOf(data: string): string | undefined {
  try {
    return (JSON.parse(data) as { data?: { pupil_id?: string } }).data?.pupil_id;
  } catch {
    return undefined; // then all pupils' pages are asked anew
  }
}

/** Keeps what is on the screen as new as the server's: everything of the person, and of these pupils. */
export function useLive(pupils: readonly string[]): void {
  const queries = useQueryClient();
  const address = `/live${pupils.length > 0 ? "?" : ""}${pupils.map((id) => `pupil_id=${id}`).join("&")}`;
  useEffect(() => listen(address, EVENTS, (heard) => void refresh(queries, heard)), [queries, address]);
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
