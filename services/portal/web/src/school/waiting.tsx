import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { AbsenceList } from "../absences/list";
import * as attendance from "../api/attendance";
import { useNames } from "../frame/names";

const AGAIN = 60_000; // milliseconds

/** What families announced and the school has not decided about. */
export function WaitingAbsences() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["absences", "waiting"], queryFn: attendance.waiting, refetchInterval: AGAIN });
  const name = useNames((query.data?.absences ?? []).map((one) => one.pupil_id));
  if (!query.data || query.data.absences.length === 0) return null;
  return (
    <section className="card stack waiting" aria-labelledby="waiting">
      <h2 id="waiting">{t("absence.waiting", { count: query.data.absences.length })}</h2>
      <AbsenceList
        absences={query.data.absences}
        may="decide"
        whose={(pupil) => <Link to={`/pupils/${pupil}/attendance`}>{name(pupil)}</Link>}
      />
    </section>
  );
}
