import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Notice } from "../api/notify";
import { listen, type Heard, type Listening } from "./hub";

const EVENTS = ["reporting", "notify", "messaging"] as const;

/** What each service's word makes old: the first parts of the query keys. */
const TOUCHES: Record<string, string[]> = {
  reporting: ["pupil"],
  notify: ["feed", "deliveries"],
  messaging: ["conversations", "thread", "talk", "threads", "comments", "remarks"],
};
/** What of a teacher's lessons is filled in: of all his groups at once. */
const GIVEN = "lessons-given";
/** What a change in a group's journal makes old: its marks, its rolls, its grades of terms, and what of its teacher's days is filled in. */
const JOURNAL = ["journal", "rolls", "term-sheet", GIVEN];

/** Asks anew what the word makes old. What is under way is let finish first: on a slow line it may be the first page. */
async function refresh(queries: QueryClient, { event, data }: Heard): Promise<void> {
  const { pupil_id: pupil, group_id: group } = event === "reporting" ? aboutOf(data) : {};
  for (const name of group === undefined ? (TOUCHES[event] ?? []) : JOURNAL) {
    const about = group ?? pupil;
    const queryKey = about === undefined || name === GIVEN ? [name] : [name, about];
    const underWay = queries.getQueryCache().findAll({ queryKey, fetchStatus: "fetching" });
    await Promise.allSettled(underWay.map((query) => query.promise));
    await queries.invalidateQueries({ queryKey });
  }
}

/** The portal wraps what the services say: `{"event", "data"}`. A snapshot is about no one in particular. */
function aboutOf(data: string): { pupil_id?: string; group_id?: string } {
  try {
    return (JSON.parse(data) as { data?: { pupil_id?: string; group_id?: string } }).data ?? {};
  } catch {
    return {}; // then all pupils' pages are asked anew
  }
}

/** A change of the timetable comes as a notice: the weeks and diaries that are open show it at once. */
export function useTimetableLive(notices: readonly Notice[] | undefined): void {
  const queries = useQueryClient();
  const newest = notices && (notices.find((notice) => notice.kind === "timetable")?.at ?? "");
  const known = useRef(newest);
  useEffect(() => {
    if (newest === undefined) return;
    const news = known.current !== undefined && newest > known.current;
    known.current = newest;
    if (news) for (const name of ["week", "pupil", "lessons-given"]) void queries.invalidateQueries({ queryKey: [name] });
  }, [newest, queries]);
}

/** The groups whose journals this tab shows, and who listens for them. A page is mounted before its frame's effects run. */
const shown: string[] = [];
let listening: Listening | null = null;

/** Keeps what is on the screen as new as the server's: everything of the person, and of these pupils. */
export function useLive(pupils: readonly string[]): void {
  const queries = useQueryClient();
  const address = `/live${pupils.length > 0 ? "?" : ""}${pupils.map((id) => `pupil_id=${id}`).join("&")}`;
  useEffect(() => {
    const ours = listen(address, EVENTS, (heard) => void refresh(queries, heard));
    listening = ours;
    ours.follow([...shown]);
    return () => {
      if (listening === ours) listening = null;
      ours.stop();
    };
  }, [queries, address]);
}

/** Another teacher's marks and roll changes of this group come at once, as long as its page is open. */
export function useGroupLive(group: string): void {
  useEffect(() => {
    shown.push(group);
    listening?.follow([...shown]);
    return () => {
      shown.splice(shown.indexOf(group), 1);
      listening?.follow([...shown]);
    };
  }, [group]);
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
