import { useEffect, useState } from "react";
import type { Journal, Work } from "../api/grades";
import { useMe } from "../frame/who";
import type { SaveQueue } from "../saving/queue";
import { storeOf } from "../saving/store";

/** Works opened without a line: they stand in the journal until the service has them, or nothing of theirs is left to save. */
const nameOf = (group: string, work: string) => `opening ${group} ${work}`;

export async function keepOpening(person: string, group: string, work: Work): Promise<void> {
  await (await storeOf(person)).put("drafts", { name: nameOf(group, work.work_id), value: work });
}

/** The journal with the works that its service does not know yet. `queue` says which of them still have something to save. */
export function useOpenings(group: string, journal: Journal, queue: SaveQueue): { journal: Journal; opened: (work: Work) => void } {
  const { person_id: person } = useMe();
  const [works, setWorks] = useState<readonly Work[]>([]);
  useEffect(() => {
    let here = true;
    void keptOf(person, group).then((found) => here && setWorks(found));
    return () => {
      here = false;
    };
  }, [person, group]);
  const known = new Set(journal.works.map((work) => work.work_id));
  const waiting = works.filter((work) => !known.has(work.work_id));
  const gone = works.filter((work) => known.has(work.work_id) && !queue.holds(`marks/${work.work_id}`)).map((work) => work.work_id).join(" ");
  useEffect(() => {
    for (const work of gone === "" ? [] : gone.split(" ")) void storeOf(person).then((store) => store.delete("drafts", nameOf(group, work)));
  }, [gone, person, group]);
  const whole = waiting.length > 0 ? { ...journal, works: [...journal.works, ...waiting] } : journal;
  return { journal: whole, opened: (work) => setWorks((old) => [...old, work]) };
}

async function keptOf(person: string, group: string): Promise<Work[]> {
  const all = await (await storeOf(person)).getAll("drafts");
  return all.filter(({ name }) => name.startsWith(nameOf(group, ""))).map(({ value }) => value as Work);
}
