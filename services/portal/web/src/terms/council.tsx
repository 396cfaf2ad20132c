import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as api from "../api/terms";
import { moment } from "../calendar";
import { useAttempt } from "../frame/attempt";
import { useNames } from "../frame/names";
import { ReasonForm } from "./reason";
import { StageWord } from "./stage";

type Props = { school: string; term: api.Term; groups: readonly api.GradedGroup[] };
type Step = "publish" | "withdraw" | null;

/** For who runs the school: the council on a term begins, is called off, and its grades are published. */
export function Council({ school, term, groups }: Props) {
  const { t } = useTranslation();
  const name = useNames([term.by]);
  const [step, setStep] = useState<Step>(null);
  const { attempt, fault, code, busy } = useAttempt("terms", "term-groups", "term-sheet", "journal");
  const gaps = code === "grades.gaps-left";
  const begin = (confirmed: boolean) => void attempt(() => api.beginCouncil(school, term.term_id, confirmed), t("terms.said.begun", { term: term.title }));
  const missing = groups.reduce((sum, group) => sum + group.missing, 0);
  return (
    <section className="card stack council" aria-labelledby="council">
      <h2 id="council">
        {term.title} <StageWord stage={term.stage} />
      </h2>
      <p>{t(`terms.about.${term.stage}`)}</p>
      {term.by && term.at && (
        <p className="soft small">{t(`terms.by.${term.stage}`, { name: name(term.by), time: moment(term.at) })}</p>
      )}
      {term.stage === "open" && missing > 0 && <p className="change">{t("terms.missing", { count: missing })}</p>}
      {fault && (
        <p className="field-error" role="alert">
          {fault}
        </p>
      )}
      {term.stage === "open" && (
        <div className="line">
          <button type="button" className="button main" disabled={busy} onClick={() => begin(gaps)}>
            {t(gaps ? "terms.beginAnyway" : "terms.begin")}
          </button>
        </div>
      )}
      {term.stage === "council" && step === null && (
        <div className="line">
          <button type="button" className="button main" onClick={() => setStep("publish")}>
            {t("terms.publish")}
          </button>
          <button type="button" className="button" onClick={() => setStep("withdraw")}>
            {t("terms.withdraw")}
          </button>
        </div>
      )}
      {term.stage === "council" && step === "publish" && (
        <>
          <p>{t("terms.publishSure")}</p>
          <div className="line">
            <button
              type="button"
              className="button main"
              disabled={busy}
              onClick={() => void attempt(() => api.publish(school, term.term_id), t("terms.said.published", { term: term.title }))}
            >
              {t("terms.publishNow")}
            </button>
            <button type="button" className="button" onClick={() => setStep(null)}>
              {t("terms.cancel")}
            </button>
          </div>
        </>
      )}
      {term.stage === "council" && step === "withdraw" && (
        <ReasonForm
          label={t("terms.whyWithdraw")}
          act={t("terms.withdraw")}
          busy={busy}
          send={(reason) => attempt(() => api.withdrawCouncil(school, term.term_id, reason), t("terms.said.withdrawn", { term: term.title }))}
          cancel={() => setStep(null)}
        />
      )}
    </section>
  );
}
