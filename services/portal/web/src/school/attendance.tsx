import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import * as staff from "../api/staff";
import { fourWeeks } from "../calendar";
import { RangeSwitch, useRange, type Range } from "../frame/range";
import { Empty, Loaded } from "../frame/states";
import { TakeAway } from "../frame/take-away";
import { runs, useMe } from "../frame/who";
import { showAverage } from "../marks/values";
import "./school.css";

/** Attendance of a school over a period: the school, each class, and under it each pupil. */
export function SchoolAttendancePage() {
  const { t } = useTranslation();
  const me = useMe();
  const [search] = useSearchParams();
  const school = search.get("school") ?? me.schools.find((s) => runs(me, s.school_id))?.school_id;
  const known = me.schools.find((s) => s.school_id === school);
  const today = known?.today ?? me.schools[0]?.today ?? "";
  const { go, ...range } = useRange(fourWeeks(today));
  if (!school) return <Empty title={t("home.nobody")} text={t("home.nobodyText")} />;
  return (
    <>
      <title>{t("attended.title")}</title>
      <div className="head">
        <div className="school-name">
          <p className="soft">{known?.name}</p>
          <h1>{t("attended.title")}</h1>
        </div>
        <div className="line unprinted">
          <RangeSwitch range={range} today={today} go={go} />
          <TakeAway kinds={["xlsx", "csv"]} href={(kind) => staff.attendedFile(kind, school, range.first, range.last)} printed />
        </div>
      </div>
      <Report school={school} range={range} />
    </>
  );
}

function Report({ school, range: { first, last } }: { school: string; range: Range }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["attended", school, first, last], queryFn: () => staff.attended(school, first, last) });
  const nameOf = (one: staff.ClassAttended) => one.name || t("attended.noClass");
  return (
    <Loaded query={query}>
      {(found) =>
        found.classes.length === 0 ? (
          <Empty title={t("attended.nothing")} text={t("attended.nothingText")} />
        ) : (
          <div className="attended">
            <section className="card" aria-label={t("attended.whole")}>
              <Table
                first={t("school.class")}
                rows={[{ key: "whole", name: t("attended.whole"), counts: found }, ...found.classes.map((one) => ({ key: `class ${one.name}`, name: nameOf(one), counts: one }))]}
              />
            </section>
            {found.classes.map((one) => (
              <details key={one.name} className="card">
                <summary>
                  <b>{nameOf(one)}</b> <span className="soft small">{t("attended.pupils", { count: one.pupils.length })}</span>
                </summary>
                <Table first={t("journal.pupil")} rows={one.pupils.map((pupil) => ({ key: pupil.pupil_id, name: pupil.name ?? "…", counts: pupil, to: `/pupils/${pupil.pupil_id}/attendance?first=${first}&last=${last}` }))} />
              </details>
            ))}
          </div>
        )
      }
    </Loaded>
  );
}

const KINDS = ["lessons", "absent", "unexcused", "late"] as const;
type Row = { key: string; name: string; counts: staff.Attended; to?: string };

function Table({ rows, first }: { rows: Row[]; first: string }) {
  const { t } = useTranslation();
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={first}>
      <table className="figures-table">
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {KINDS.map((kind) => (
              <th key={kind} scope="col">
                {t(`attended.${kind}`)}
              </th>
            ))}
            <th scope="col">{t("attended.share")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, counts, to }) => (
            <tr key={key}>
              <th scope="row">{to ? <Link to={to}>{name}</Link> : name}</th>
              {KINDS.map((kind) => (
                <td key={kind}>{counts[kind]}</td>
              ))}
              <td>{counts.share === null ? "–" : `${showAverage(counts.share)} %`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
