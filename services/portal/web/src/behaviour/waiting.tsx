import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as records from "../api/records";
import { KindOf } from "./list";
import "./behaviour.css";

const AGAIN = 60_000; // milliseconds

/** What waits for the reader's words before families read it; nothing when nothing waits. */
export function WaitingRemarks() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["remarks", "waiting"], queryFn: records.waitingRemarks, refetchInterval: AGAIN });
  const waiting = query.data?.remarks ?? [];
  if (waiting.length === 0) return null;
  return (
    <section className="card stack waiting" aria-labelledby="waiting-remarks">
      <h2 id="waiting-remarks">{t("behaviour.waiting", { count: waiting.length })}</h2>
      <ol className="remark-list">
        {waiting.map((one) => (
          <li key={one.remark_id}>
            <p>
              <Link to={`/pupils/${one.pupil_id}/behaviour`}>{one.pupil_name}</Link> · <KindOf kind={one.kind} />
            </p>
            <p className="said-words">{one.text}</p>
            <p className="soft small">{one.author_name}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}
