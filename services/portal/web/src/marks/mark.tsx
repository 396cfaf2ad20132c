import { useTranslation } from "react-i18next";
import type { Reached, Scale, Was } from "../api/grades";
import { dayAndMonth, moment } from "../calendar";
import { showReached } from "./criteria";
import { kindName, sayValues, showAverage, showValues, showWeight } from "./values";
import "./mark.css";
import { Arrow } from "../frame/arrow";
import { Disclosed } from "../frame/disclosed";
import { useNames } from "../frame/names";
import { useCount, useTalks } from "../talk/counts";
import { Talk, TalkSign } from "../talk/talk";

export type Shown = {
  work_id: string;
  group_id: string;
  on: string;
  kind: string;
  weight: string;
  scale: Scale;
  title: string | null;
  values: string[];
  criteria?: Reached[];
  comment: string | null;
  recommendation?: string | null;
  due?: string | null;
  by: string;
  at: string;
  was: Was[];
  average?: string | null;
};

/** A mark that opens to its date, kind, weight, history and what is written beside it. A corrected one shows «4 → 5». */
export function MarkChip({ mark, pupil, arrived }: { mark: Shown; pupil: string; arrived: boolean }) {
  const { t } = useTranslation();
  const talks = useTalks(pupil);
  const count = useCount(pupil, mark.work_id);
  const beside = { about: "mark", object_id: mark.work_id, pupil_id: pupil, group_id: mark.group_id, on: mark.on } as const;
  const before = mark.was.at(-1);
  const value = t("mark.said.mark", { mark: sayValues(mark.values), kind: kindName(mark.kind) });
  const said = count > 0 ? `${value}, ${t("talk.count", { count })}` : value;
  return (
    <Disclosed
      className={`mark ${arrived ? "arrived" : ""} ${codes(mark.values) ? "code" : ""}`}
      label={before ? `${said}, ${t("mark.said.was", { mark: sayValues(before.values) })}` : said}
      face={
        <>
          {before && (
            <>
              <span className="soft">{showValues(before.values)}</span>
              <Arrow />
            </>
          )}
          <b>{mark.values.length > 0 ? showValues(mark.values) : "–"}</b>
          <TalkSign count={count} />
        </>
      }
      {...(talks ? { more: () => <Talk beside={beside} /> } : {})}
    >
      <MarkDetails mark={mark} />
    </Disclosed>
  );
}

const codes = (values: readonly string[]) => values.every((v) => /^[a-z]/.test(v));

function MarkDetails({ mark }: { mark: Shown }) {
  const { t } = useTranslation();
  const name = useNames([mark.by, ...mark.was.map((w) => w.by)]);
  return (
    <dl className="facts">
      <dt>{t("mark.kind")}</dt>
      <dd>
        {kindName(mark.kind)}
        {mark.title && ` · ${mark.title}`}
      </dd>
      <dt>{t("mark.weight")}</dt>
      <dd>{showWeight(mark.weight)}</dd>
      <dt>{t("mark.date")}</dt>
      <dd>{dayAndMonth(mark.on)}</dd>
      {mark.criteria && mark.criteria.length > 0 && (
        <>
          <dt>{t("criteria.title")}</dt>
          <dd>{showReached(mark.criteria)}</dd>
        </>
      )}
      {mark.due && (
        <>
          <dt>{t("mark.due")}</dt>
          <dd>{dayAndMonth(mark.due)}</dd>
        </>
      )}
      {mark.average != null && (
        <>
          <dt>{t("mark.averageAfter")}</dt>
          <dd>{showAverage(mark.average)}</dd>
        </>
      )}
      {mark.comment && (
        <>
          <dt>{t("mark.comment")}</dt>
          <dd>{mark.comment}</dd>
        </>
      )}
      {mark.recommendation && (
        <>
          <dt>{t("mark.recommendation")}</dt>
          <dd>{mark.recommendation}</dd>
        </>
      )}
      <dt>{t("mark.by")}</dt>
      <dd>
        {name(mark.by)}, {moment(mark.at)}
      </dd>
      {mark.was.map((was, n) => (
        <Correction key={was.at} was={was} after={mark.was[n + 1]?.values ?? mark.values} by={name(was.by)} />
      ))}
    </dl>
  );
}

function Correction({ was, after, by }: { was: Was; after: string[]; by: string }) {
  const { t } = useTranslation();
  return (
    <>
      <dt>{t(was.retake?.length ? "mark.retaken" : "mark.corrected")}</dt>
      <dd>
        {showValues(was.values)}
        <Arrow />
        {after.length > 0 ? showValues(after) : "–"}
        {was.criteria && was.criteria.length > 0 && ` (${showReached(was.criteria)})`}
        {was.retake && was.retake.length > 0 && was.retake.join("/") !== after.join("/") && `, ${t("mark.retake", { mark: showValues(was.retake) })}`}
        {was.reason && `, ${was.reason}`}
        <span className="soft small">
          {" "}
          ({by}, {moment(was.at)})
        </span>
      </dd>
    </>
  );
}
