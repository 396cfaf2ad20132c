import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as roster from "../api/roster";
import * as ties from "../api/ties";
import { useAttempt } from "../frame/attempt";
import { PupilHead } from "../frame/pupil-head";
import { Empty, Loaded, Skeleton } from "../frame/states";
import { usePupil } from "../frame/who";
import { Invitations } from "./invitations";
import { RightsChoice } from "./rights";
import "./ties.css";

/** Who may see a pupil's diary as his family, for those who run his school: they change it, end it and invite. */
export function GuardiansPage() {
  const { t } = useTranslation();
  const { pupil } = usePupil();
  const query = useQuery({ queryKey: ["guardians", pupil], queryFn: () => roster.person(pupil), staleTime: 0 });
  return (
    <>
      <PupilHead title={t("tie.title")}>
        <Link className="button" to={`/pupils/${pupil}/diary`}>
          {t("audit.toDiary")}
        </Link>
      </PupilHead>
      <div className="ties">
        <section className="card stack" aria-labelledby="guardians">
          <h2 id="guardians">{t("tie.guardians")}</h2>
          <Loaded query={query} skeleton={<Skeleton lines={4} />}>
            {({ guardians }) =>
              guardians.length === 0 ? (
                <Empty title={t("tie.nobody")} text={t("tie.nobodyText")} />
              ) : (
                <ul className="tie-list">
                  {guardians.map((one) => (
                    <Guardian key={`${one.person_id} ${one.rights.join()}`} pupil={pupil} guardian={one} />
                  ))}
                </ul>
              )
            }
          </Loaded>
        </section>
        <Invitations pupil={pupil} />
      </div>
    </>
  );
}

/** Ending a tie is one press more than changing it: it closes the diary at once. */
function Guardian({ pupil, guardian: one }: { pupil: string; guardian: roster.Guardian }) {
  const { t, i18n } = useTranslation();
  const [doing, setDoing] = useState<"nothing" | "changing" | "ending">("nothing");
  const [rights, setRights] = useState<readonly roster.Right[]>(one.rights);
  const { attempt, fault, busy } = useAttempt("guardians");
  const relation = i18n.exists(`tie.relations.${one.relation}`) ? t(`tie.relations.${one.relation as ties.Relation}`) : one.relation;
  return (
    <li>
      <p>
        <b>{one.name}</b> · {relation}
      </p>
      <p className="soft small">
        {one.rights.map((right) => t(`tie.right.${right}`)).join(", ")} · {t(one.by_school ? "tie.bySchool" : "tie.byDistrict")}
      </p>
      {doing === "changing" && <RightsChoice rights={rights} choose={setRights} />}
      {doing === "ending" && <p>{t("tie.endText", { name: one.name })}</p>}
      <div className="line">
        {doing === "nothing" && (
          <>
            <button type="button" className="button" onClick={() => setDoing("changing")}>
              {t("tie.change")}
              <span className="unseen"> {one.name}</span>
            </button>
            <button type="button" className="button" onClick={() => setDoing("ending")}>
              {t("tie.end")}
              <span className="unseen"> {one.name}</span>
            </button>
          </>
        )}
        {doing !== "nothing" && (
          <>
            <button
              type="button"
              className="button main"
              disabled={busy}
              onClick={() => void attempt(() => ties.changeTie(pupil, one.person_id, doing === "ending" ? [] : rights), t(doing === "ending" ? "tie.ended" : "tie.changed"))}
            >
              {t(doing === "ending" ? "tie.end" : "tie.save")}
            </button>
            <button type="button" className="button" onClick={() => setDoing("nothing")}>
              {t("absence.cancel")}
            </button>
          </>
        )}
      </div>
      {fault && (
        <p className="field-error" role="alert">
          {fault}
        </p>
      )}
    </li>
  );
}
