import { useQuery } from "@tanstack/react-query";
import * as roster from "../api/roster";
import { ChildSign } from "./children";
import { diariesOf, useMe } from "./who";

/** The pupil's name; an ellipsis until known. */
export function usePupilName(pupil: string): string {
  const child = diariesOf(useMe()).find((c) => c.person_id === pupil);
  const person = useQuery({ queryKey: ["person", pupil], queryFn: () => roster.person(pupil), enabled: !child, staleTime: 300_000 });
  return child?.name ?? person.data?.name ?? "…";
}

/** Whose page this is: stays in sight however far one scrolls. */
export function Whose({ pupil }: { pupil: string }) {
  const place = diariesOf(useMe()).findIndex((c) => c.person_id === pupil);
  return (
    <p className="whose small">
      {place >= 0 && <ChildSign place={place} />}
      {usePupilName(pupil)}
    </p>
  );
}
