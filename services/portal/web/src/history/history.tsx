import { useQuery } from "@tanstack/react-query";
import i18next from "i18next";
import { useTranslation } from "react-i18next";
import * as reporting from "../api/reporting";
import { isProblem } from "../api/problem";
import { moment } from "../calendar";
import { Arrow } from "../frame/arrow";
import { useNames } from "../frame/names";
import { Empty, Loaded } from "../frame/states";
import { kindName, showValue } from "../marks/values";
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
  const { t } = useTranslation();
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
          <dl className="facts">
            {changes(entry).map(({ field, before, after }) => (
              <Change key={field} field={field} before={before} after={after} />
            ))}
            {entry.reason && (
              <>
                <dt>{t("history.reason")}</dt>
                <dd>{entry.reason}</dd>
              </>
            )}
          </dl>
        </li>
      ))}
    </ol>
  );
}

function Change({ field, before, after }: { field: string; before: string; after: string }) {
  const label = i18next.exists(`history.field.${field}`) ? i18next.t(`history.field.${field}`) : field;
  return (
    <>
      <dt>{label}</dt>
      <dd>
        {before && (
          <>
            <span className="soft">{before}</span>
            <Arrow />
          </>
        )}
        {after || "–"}
      </dd>
    </>
  );
}

function changes({ before, after }: reporting.HistoryEntry): { field: string; before: string; after: string }[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter((f) => !f.endsWith("_id"));
  return fields
    .map((field) => ({ field, before: show(field, before?.[field]), after: show(field, after?.[field]) }))
    .filter((c) => c.before !== c.after);
}

function show(field: string, value: reporting.Plain | undefined): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map((one) => (typeof one === "string" ? showValue(one) : showPoints(one))).join(typeof value[0] === "string" ? "/" : " · ");
  if (field === "kind") return kindName(String(value));
  const word = `${field === "state" ? "presence" : field}.${value}`;
  return i18next.exists(word) ? i18next.t(word) : String(value);
}

/** Points of a mark, or what a criterion of a work is worth. */
const showPoints = ({ code, most, points }: { code: string; most: number; points?: number }) =>
  points === undefined ? `${code}\u00a0${most}` : `${code}\u00a0${points}/${most}`;

/** «diary.grades.mark-corrected.v1» in words. */
function deed(type: string): string {
  const name = type.split(".")[2] ?? type;
  return i18next.exists(`history.deed.${name}`) ? i18next.t(`history.deed.${name}`) : name;
}
