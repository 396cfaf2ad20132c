import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import * as reporting from "../api/reporting";
import { isProblem } from "../api/problem";
import { moment } from "../calendar";
import { useNames } from "../frame/names";
import { Empty, Loaded } from "../frame/states";
import { Changes, deed } from "./entry";
import "./history.css";

/** Who did what to one object and when; what was before and what after. */
export function History({ object }: { object: string }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["history", object], queryFn: () => reporting.history(object), staleTime: 0 });
  return (
    <section className="history" aria-label={t("history.title")}>
      {isProblem(query.error) && query.error.status === 404 ? (
        <p className="soft">{t("history.nothing")}</p>
      ) : (
      <Loaded query={query}>
        {({ entries }) => (entries.length === 0 ? <Empty title={t("history.nothing")} /> : <Entries entries={[...entries].reverse()} />)}
      </Loaded>
      )}
    </section>
  );
}

function Entries({ entries }: { entries: reporting.HistoryEntry[] }) {
  const name = useNames(entries.flatMap((e) => [e.by, e.pupil_id]));
  return (
    <ol>
      {entries.map((entry) => (
        <li key={entry.event_id}>
          <p>
            <b>{deed(entry.type)}</b> {name(entry.pupil_id)}{" "}
            <span className="soft small">
              {name(entry.by)}, <time dateTime={entry.at}>{moment(entry.at)}</time>
            </span>
          </p>
          <Changes entry={entry} />
        </li>
      ))}
    </ol>
  );
}
