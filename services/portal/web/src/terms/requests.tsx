import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as api from "../api/terms";
import { moment } from "../calendar";
import { useAttempt } from "../frame/attempt";
import { useNames } from "../frame/names";

/** Teachers who ask to have a locked group opened again, with their reasons. */
export function Requests({ term, groups }: { term: string; groups: readonly api.GradedGroup[] }) {
  const { t } = useTranslation();
  const { attempt, fault, busy } = useAttempt("term-groups", "term-sheet", "journal");
  const waiting = groups.filter((group) => group.asked !== null);
  const name = useNames(waiting.map((group) => group.asked?.by ?? null));
  if (waiting.length === 0) return null;
  const decide = (group: api.GradedGroup, allowed: boolean) =>
    void attempt(() => api.decideReopening(term, group.group_id, allowed), t(allowed ? "terms.said.opened" : "terms.said.refused", { group: group.title }));
  return (
    <section className="card stack" aria-labelledby="requests">
      <h2 id="requests">{t("terms.requests", { count: waiting.length })}</h2>
      <ul className="stack">
        {waiting.map((group) => (
          <li key={group.group_id} className="stack">
            <p>
              <Link to={`/terms/${term}/${group.group_id}`}>{group.title}</Link>: {group.asked?.reason}{" "}
              <span className="soft small">
                {name(group.asked?.by ?? null)}, {moment(group.asked?.at ?? "")}
              </span>
            </p>
            <div className="line">
              <button type="button" className="button main" disabled={busy} onClick={() => decide(group, true)}>
                {t("terms.open")}
              </button>
              <button type="button" className="button" disabled={busy} onClick={() => decide(group, false)}>
                {t("terms.refuse")}
              </button>
            </div>
          </li>
        ))}
      </ul>
      {fault && (
        <p className="field-error" role="alert">
          {fault}
        </p>
      )}
    </section>
  );
}
