import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as grades from "../api/grades";
import type { Problem } from "../api/problem";
import { dayAndMonth } from "../calendar";
import { Field } from "../frame/field";

type Props = { work: grades.Work; busy: boolean; problem: Problem | null; attempt: (act: () => Promise<unknown>, said: string, result: null) => Promise<void> };

/** Of a draft: that families do not see it, publishing it now, or at a time of the school's clock. */
export function Publication({ work, busy, problem, attempt }: Props) {
  const { t } = useTranslation();
  const [planning, setPlanning] = useState(false);
  const [at, setAt] = useState(work.planned?.slice(0, 16) ?? "");
  const { work_id: id, planned } = work;
  return (
    <div className="stack publication">
      <p className="change">{planned ? t("work.plannedFor", { day: dayAndMonth(planned.slice(0, 10)), time: planned.slice(11, 16) }) : t("work.draftText")}</p>
      <div className="line">
        <button type="button" className="button" disabled={busy} onClick={() => void attempt(() => grades.publishWork(id), t("work.published"), null)}>
          {t("work.publish")}
        </button>
        {planned ? (
          <button type="button" className="button" disabled={busy} onClick={() => void attempt(() => grades.planWork(id, null), t("work.planned.none"), null)}>
            {t("work.notThen")}
          </button>
        ) : (
          <button type="button" className="button" aria-expanded={planning} onClick={() => setPlanning(!planning)}>
            {t("work.later")}
          </button>
        )}
      </div>
      {planning && !planned && (
        <>
          <Field label={t("work.when")} hint={t("work.whenHint")} error={problem?.at("/at")}>
            {(props) => <input {...props} type="datetime-local" value={at} onChange={(event) => setAt(event.target.value)} />}
          </Field>
          <div className="line">
            <button type="button" className="button" disabled={busy || at === ""} onClick={() => void attempt(() => grades.planWork(id, at), t("work.planned.set"), null)}>
              {t("work.plan")}
            </button>
          </div>
        </>
      )}
    </div>
  );
}
