import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as api from "../api/terms";
import { moment } from "../calendar";
import { useAttempt } from "../frame/attempt";
import { useNames } from "../frame/names";
import { runs, useMe } from "../frame/who";
import { ReasonForm } from "./reason";
import { isLocked } from "./stage";

/** Why nothing can be changed, who can open it again, and how to ask; or that it is open again, and to lock it. */
export function Lock({ sheet }: { sheet: api.TermSheet }) {
  const { t } = useTranslation();
  const me = useMe();
  const { attempt, fault, busy } = useAttempt("term-sheet", "term-groups", "journal");
  const [asking, setAsking] = useState(false);
  const name = useNames([sheet.asked?.by ?? null]);
  const [term, group] = [sheet.term.term_id, sheet.group_id];
  if (sheet.term.stage === "open") return null;
  if (!isLocked(sheet))
    return (
      <section className="card stack lock" aria-label={t("terms.reopened")}>
        <p>{t("terms.reopenedText")}</p>
        {sheet.may_write && (
          <div className="line">
            <button type="button" className="button main" disabled={busy} onClick={() => void attempt(() => api.lock(term, group), t("terms.said.locked"))}>
              {t("terms.lock")}
            </button>
          </div>
        )}
        <Fault text={fault} />
      </section>
    );
  const head = runs(me, sheet.school_id);
  const open = () => attempt(() => api.decideReopening(term, group, true), t("terms.said.opened", { group: sheet.title }));
  const ask = (reason: string) => attempt(() => api.askReopening(term, group, reason), t("terms.said.asked")).then(() => setAsking(false));
  return (
    <section className="card stack lock" aria-label={t("terms.locked")}>
      <p>{t(`terms.lockedText.${sheet.term.stage}`)}</p>
      {sheet.asked && (
        <p>
          {t("terms.asked", { name: name(sheet.asked.by), time: moment(sheet.asked.at) })} {sheet.asked.reason}
        </p>
      )}
      {sheet.may_write && head && (
        <div className="line">
          <button type="button" className="button" disabled={busy} onClick={() => void open()}>
            {t("terms.open")}
          </button>
        </div>
      )}
      {sheet.may_write && !head && !asking && !sheet.asked && (
        <div className="line">
          <button type="button" className="button" onClick={() => setAsking(true)}>
            {t("terms.ask")}
          </button>
        </div>
      )}
      {asking && <ReasonForm label={t("terms.whyOpen")} act={t("terms.send")} busy={busy} fault={fault} send={ask} cancel={() => setAsking(false)} />}
      {!asking && <Fault text={fault} />}
    </section>
  );
}

function Fault({ text }: { text: string }) {
  return text ? (
    <p className="field-error" role="alert">
      {text}
    </p>
  ) : null;
}
