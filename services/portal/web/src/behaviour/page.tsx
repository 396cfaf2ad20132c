import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as records from "../api/records";
import { firstOfMonth, lastOfMonth } from "../calendar";
import { PupilFoot } from "../frame/pupil-foot";
import { PupilHead } from "../frame/pupil-head";
import { RangeSwitch, useRange, useTerms } from "../frame/range";
import { Empty, Loaded } from "../frame/states";
import { usePupil } from "../frame/who";
import "./behaviour.css";
import { RemarkForm } from "./form";
import { RemarkList } from "./list";

/** Praise, remarks and incidents of a pupil; staff writes them here. */
export function BehaviourPage() {
  const { t } = useTranslation();
  const { pupil, today } = usePupil();
  const { termOf, known } = useTerms();
  const { first, last, go } = useRange(termOf(today) ?? { first: firstOfMonth(today), last: lastOfMonth(today) });
  const query = useQuery({ queryKey: ["remarks", pupil, first, last], queryFn: () => records.remarks(pupil, first, last), enabled: known });
  return (
    <>
      <PupilHead title={t("tab.behaviour")}>
        <RangeSwitch range={{ first, last }} today={today} go={go} />
      </PupilHead>
      <Loaded query={query}>
        {({ remarks, may_write, may_word }) => (
          <div className="behaviour-page">
            {may_write && <Write pupil={pupil} today={today} />}
            {remarks.length === 0 ? (
              <Empty title={t("behaviour.nothing")} text={t("behaviour.nothingText")} />
            ) : (
              <section className="card" aria-label={t("tab.behaviour")}>
                <RemarkList remarks={remarks} mayWord={may_word} list={`remarks ${pupil} ${first} ${last}`} />
              </section>
            )}
          </div>
        )}
      </Loaded>
      <PupilFoot />
    </>
  );
}

function Write({ pupil, today }: { pupil: string; today: string }) {
  const { t } = useTranslation();
  const [writing, setWriting] = useState(false);
  if (writing)
    return (
      <section className="card stack" aria-label={t("behaviour.write")}>
        <RemarkForm pupil={pupil} today={today} done={() => setWriting(false)} />
      </section>
    );
  return (
    <div className="line">
      <button type="button" className="button main" onClick={() => setWriting(true)}>
        {t("behaviour.write")}
      </button>
    </div>
  );
}
