import i18next from "i18next";
import { useTranslation } from "react-i18next";
import type * as reporting from "../api/reporting";
import { isDay, shownDay } from "../calendar";
import { Arrow } from "../frame/arrow";
import { kindName, showValue } from "../marks/values";

type Sides = Pick<reporting.Changed, "before" | "after" | "reason">;

/** Field by field what stood before and what stands after, and why. */
export function Changes({ entry }: { entry: Sides }) {
  const { t } = useTranslation();
  return (
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

function changes({ before, after }: Sides): { field: string; before: string; after: string }[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter((f) => !f.endsWith("_id"));
  return fields
    .map((field) => ({ field, before: show(field, before?.[field]), after: show(field, after?.[field]) }))
    .filter((c) => c.before !== c.after);
}

function show(field: string, value: reporting.Plain | undefined): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map((one) => (typeof one === "string" ? listed(field, one) : showPoints(one))).join(joint(field, value));
  if (field === "kind") return kindName(String(value));
  if (typeof value === "string" && isDay(value)) return shownDay(value);
  return inWords(`history.${field}.${value}`) ?? inWords(`${field === "state" ? "presence" : field}.${value}`) ?? String(value);
}

const MARKS = ["values", "retake"];

/** Marks of one cell stand as «4/5»; other lists as a list. */
function joint(field: string, value: readonly unknown[]): string {
  if (MARKS.includes(field)) return "/";
  return typeof value[0] === "string" ? ", " : " · ";
}

function listed(field: string, one: string): string {
  if (MARKS.includes(field)) return showValue(one);
  const [word = "", ...rest] = one.split(" ");
  const known = inWords(`history.${field}.${word}`);
  if (known === undefined) return one;
  if (field !== "wishes") return [known, ...rest].join(" ");
  const channels = rest.join(" ").split("/").map((channel) => inWords(`channel.${channel}`) ?? channel);
  return `${known}: ${channels.join(", ")}`;
}

const inWords = (key: string): string | undefined => (i18next.exists(key) ? i18next.t(key) : undefined);

/** Points of a mark, or what a criterion of a work is worth. */
const showPoints = ({ code, most, points }: { code: string; most: number; points?: number }) =>
  points === undefined ? `${code}\u00a0${most}` : `${code}\u00a0${points}/${most}`;

/** «diary.grades.mark-corrected.v1» in words. */
export function deed(type: string): string {
  const name = type.split(".")[2] ?? type;
  return i18next.exists(`history.deed.${name}`) ? i18next.t(`history.deed.${name}`) : name;
}
