import { useQuery } from "@tanstack/react-query";
import { names } from "../api/roster";

/** Names of people by their ids; an ellipsis until known. One request for all the ids of a place. */
export function useNames(ids: readonly (string | null)[]): (id: string | null) => string {
  const wanted = [...new Set(ids.filter((id) => id !== null && id !== ""))].sort() as string[];
  const found = useQuery({
    queryKey: ["names", wanted],
    queryFn: () => names(wanted),
    enabled: wanted.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (id) => (id === null ? "" : (found.data?.[id] ?? (found.isPending ? "…" : "")));
}
