import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { fourWeeks } from "../calendar";
import { RangeSwitch, useRange, type Range } from "../frame/range";
import { Empty, Loaded, NotYours } from "../frame/states";
import { TakeAway } from "../frame/take-away";
import { runs, useMe } from "../frame/who";
import "./school.css";

type OfPupil<T> = T & { pupil_id: string; name: string | null };
type OfClass<T> = T & { name: string; pupils: OfPupil<T>[] };
export type Found<T> = T & { classes: OfClass<T>[] };

/** A report of a school over a period. `columns` are the headings of what `cells` says of a school, class or pupil. */
export type Report<T> = {
  key: string;
  title: string;
  nothing: string;
  nothingText: string;
  read: (school: string, first: string, last: string) => Promise<Found<T>>;
  file: (kind: string, school: string, first: string, last: string) => string;
  columns: string[];
  cells: (counts: T) => (string | number)[];
  /** Where a pupil's line leads: a page of his. */
  page: string;
};

/** The school, each class, and under it each pupil. */
export function ReportPage<T>({ report }: { report: Report<T> }) {
  const me = useMe();
  const [search] = useSearchParams();
  const school = search.get("school") ?? me.schools.find((s) => runs(me, s.school_id))?.school_id;
  const known = me.schools.find((s) => s.school_id === school);
  const today = known?.today ?? me.schools[0]?.today ?? "";
  const { go, ...range } = useRange(fourWeeks(today));
  if (!school) return <NotYours />;
  return (
    <>
      <title>{report.title}</title>
      <div className="head">
        <div className="school-name">
          <p className="soft">{known?.name}</p>
          <h1>{report.title}</h1>
        </div>
        <div className="line unprinted">
          <RangeSwitch range={range} today={today} go={go} />
          <TakeAway kinds={["xlsx", "csv"]} href={(kind) => report.file(kind, school, range.first, range.last)} printed />
        </div>
      </div>
      <Tables report={report} school={school} range={range} />
    </>
  );
}

function Tables<T>({ report, school, range: { first, last } }: { report: Report<T>; school: string; range: Range }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: [report.key, school, first, last], queryFn: () => report.read(school, first, last) });
  const nameOf = (one: OfClass<T>) => one.name || t("attended.noClass");
  const pageOf = (pupil: string) => `/pupils/${pupil}/${report.page}?first=${first}&last=${last}`;
  return (
    <Loaded query={query}>
      {(found) =>
        found.classes.length === 0 ? (
          <Empty title={report.nothing} text={report.nothingText} />
        ) : (
          <div className="attended">
            <section className="card" aria-label={t("attended.whole")}>
              <Table
                report={report}
                first={t("school.class")}
                rows={[{ key: "whole", name: t("attended.whole"), counts: found }, ...found.classes.map((one) => ({ key: `class ${one.name}`, name: nameOf(one), counts: one }))]}
              />
            </section>
            {found.classes.map((one) => (
              <details key={one.name} className="card">
                <summary>
                  <b>{nameOf(one)}</b> <span className="soft small">{t("attended.pupils", { count: one.pupils.length })}</span>
                </summary>
                <Table
                  report={report}
                  first={t("journal.pupil")}
                  rows={one.pupils.map((pupil) => ({ key: pupil.pupil_id, name: pupil.name ?? "…", counts: pupil, to: pageOf(pupil.pupil_id) }))}
                />
              </details>
            ))}
          </div>
        )
      }
    </Loaded>
  );
}

type Row<T> = { key: string; name: string; counts: T; to?: string };

function Table<T>({ report, rows, first }: { report: Report<T>; rows: Row<T>[]; first: string }) {
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={first}>
      <table className="figures-table">
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {report.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, counts, to }) => (
            <tr key={key}>
              <th scope="row">{to ? <Link to={to}>{name}</Link> : name}</th>
              {report.cells(counts).map((cell, place) => (
                <td key={report.columns[place]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
