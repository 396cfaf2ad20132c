import { useQuery } from "@tanstack/react-query";
import * as records from "../api/records";
import { addDays } from "../calendar";
import { isA, isTeacher, todayAt, useMe } from "../frame/who";

const BACK = 300; // days: a school year
const AHEAD = 60;

/** Whether this person takes part in what is written of a pupil: guardians, teachers and the school; not the child, not the district. */
export function useTalks(pupil: string): boolean {
  const me = useMe();
  if (me.person_id === pupil) return false;
  return me.children.some((child) => child.person_id === pupil) || isTeacher(me) || isA(me, "office") || isA(me, "administrator");
}

/** How many comments stand beside a pupil's record. One request for all records of the pupil. */
export function useCount(pupil: string, object: string): number {
  const today = todayAt(useMe());
  const query = useQuery({
    queryKey: ["threads", pupil],
    queryFn: () => records.threads({ pupil_id: pupil }, addDays(today, -BACK), addDays(today, AHEAD)),
    enabled: useTalks(pupil),
  });
  return query.data?.threads.find((one) => one.object_id === object)?.count ?? 0;
}

/** The same for a group's journal: a count by `<work> <pupil>`. */
export function useCounts(group: string, first: string, last: string): ReadonlyMap<string, number> {
  const query = useQuery({
    queryKey: ["threads", "group", group, first, last],
    queryFn: () => records.threads({ group_id: group }, first, last),
    select: ({ threads }) => new Map(threads.map((one) => [`${one.object_id} ${one.pupil_id}`, one.count])),
  });
  return query.data ?? NONE;
}
const NONE: ReadonlyMap<string, number> = new Map();
