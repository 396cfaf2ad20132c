import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as attendance from "../api/attendance";
import { addDays } from "../calendar";
import { Loaded } from "../frame/states";
import { isStaff, useMe } from "../frame/who";
import "./absences.css";
import { AbsenceForm } from "./form";
import { AbsenceList } from "./list";

const BACK = 31;
const AHEAD = 120;

/** On a pupil's page of attendance: what his family said of absences, and saying it. */
export function AbsencesCard({ pupil, today }: { pupil: string; today: string }) {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const [writing, setWriting] = useState(false);
  const query = useQuery({
    queryKey: ["absences", pupil],
    queryFn: () => attendance.absences(pupil, addDays(today, -BACK), addDays(today, AHEAD)),
  });
  const acts = me.children.some((child) => child.person_id === pupil && child.rights.includes("act"));
  const family = acts || me.person_id === pupil || me.children.some((child) => child.person_id === pupil);
  const may = acts ? "withdraw" : !family && isStaff(me) ? "decide" : "read";
  if (!acts && query.data?.absences.length === 0) return null;
  return (
    <section className="card stack unprinted" aria-labelledby="absences">
      <h2 id="absences">{t("absence.title")}</h2>
      {acts && !writing && (
        <div className="line">
          <button type="button" className="button main" onClick={() => setWriting(true)}>
            {t("absence.tell")}
          </button>
        </div>
      )}
      {writing && (
        <AbsenceForm
          pupil={pupil}
          today={today}
          done={() => {
            setWriting(false);
            void queries.invalidateQueries({ queryKey: ["absences", pupil] });
          }}
        />
      )}
      <Loaded query={query}>
        {({ absences }) => (absences.length === 0 ? <p className="soft">{t("absence.none")}</p> : <AbsenceList absences={absences} may={may} today={today} />)}
      </Loaded>
    </section>
  );
}
