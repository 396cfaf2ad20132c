import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import * as reporting from "../api/reporting";
import { moment } from "../calendar";
import { Disclosed } from "../frame/disclosed";
import { useNames } from "../frame/names";
import "./finals.css";
import "./sum.css";
import { sayValues, showAverage, showValue } from "./values";

/** Grades of terms and years that the school has published, year by year; nothing while there are none. */
export function Finals({ pupil, asOf }: { pupil: string; asOf: string | undefined }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["pupil", pupil, "finals", asOf], queryFn: () => reporting.finals(pupil, asOf) });
  const years = query.data?.years ?? [];
  const [now, ...before] = years;
  const grades = years.flatMap((year) => year.subjects.flatMap((one) => one.grades));
  const name = useNames(grades.flatMap((grade) => [grade.by, ...grade.was.map((was) => was.by)]));
  if (now === undefined) return null;
  return (
    <section className="card finals" aria-labelledby="finals">
      <h2 id="finals">{t("finals.title", { year: yearName(now) })}</h2>
      <Year year={now} name={name} />
      {before.map((year) => (
        <details key={year.year_id}>
          <summary>{yearName(year)}</summary>
          <Year year={year} name={name} />
        </details>
      ))}
    </section>
  );
}

/** «2026/27», by its first term known: what begins from July on is the autumn of the year. */
function yearName({ starts }: reporting.FinalYear): string {
  const autumn = Number(starts.slice(0, 4)) - (starts.slice(5, 7) >= "07" ? 0 : 1);
  return `${autumn}/${String(autumn + 1).slice(2)}`;
}

type Name = (id: string | null) => string;

function Year({ year, name }: { year: reporting.FinalYear; name: Name }) {
  const { t } = useTranslation();
  return (
    <div className="scroller">
      <table className="finals-table">
        <thead>
          <tr>
            <th scope="col">{t("finals.subject")}</th>
            {year.terms.map((term) => (
              <th key={term.term_id} scope="col" className="number">
                {term.kind === "year" ? t("finals.year") : term.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {year.subjects.map(({ subject, grades }) => (
            <tr key={subject}>
              <th scope="row">{subject}</th>
              {year.terms.map((term) => {
                const grade = grades.find((one) => one.term_id === term.term_id);
                return (
                  <td key={term.term_id} className={term.kind === "year" ? "number of-year" : "number"}>
                    {grade ? <Grade grade={grade} of={`${subject}, ${term.title}`} name={name} /> : <span className="soft">–</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A grade that opens to what it was given from, by whom, and what stood before. */
function Grade({ grade, of, name }: { grade: reporting.FinalGrade; of: string; name: Name }) {
  const { t } = useTranslation();
  const was = grade.was.at(-1);
  const said = sayValues([grade.value]);
  return (
    <Disclosed
      className={was ? "average final-grade corrected" : "average final-grade"}
      label={`${of}: ${was ? t("finals.corrected", { before: sayValues([was.value]), after: said }) : said}`}
      face={showValue(grade.value)}
    >
      {grade.average !== null && <p>{t("finals.from", { average: showAverage(grade.average), count: grade.count })}</p>}
      {grade.was.map((one) => (
        <p key={one.at}>
          {t("finals.was", { value: showValue(one.value) })}
          {one.reason && `, ${one.reason}`}
        </p>
      ))}
      <p className="soft small">
        {name(grade.by)}, {moment(grade.at)}
      </p>
    </Disclosed>
  );
}
