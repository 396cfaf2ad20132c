import { useTranslation } from "react-i18next";
import type { SchoolDay } from "../api/staff";
import { percent } from "./figures";

/** Every class in its own order; nothing here can be sorted by its figures. */
export function Classes({ day }: { day: SchoolDay }) {
  const { t } = useTranslation();
  if (day.classes.length === 0) return null;
  return (
    <section className="card" aria-labelledby="classes">
      <h2 id="classes">{t(day.by === "class" ? "school.byClass" : "school.bySubject")}</h2>
      <div className="table-scroll" role="group" aria-labelledby="classes" tabIndex={0}>
        <table className="figures-table">
          <thead>
            <tr>
              <th scope="col">{t(day.by === "class" ? "school.class" : "marks.subject")}</th>
              <th scope="col">{t("school.absent")}</th>
              <th scope="col">{t("school.unexcusedShort")}</th>
              <th scope="col">{t("school.late")}</th>
              <th scope="col">{t("school.share")}</th>
              <th scope="col">{t("school.rolls")}</th>
            </tr>
          </thead>
          <tbody>
            {day.classes.map((one) => (
              <tr key={one.name}>
                <th scope="row">{one.name}</th>
                <td>{one.absent || <None />}</td>
                <td>{one.unexcused || <None />}</td>
                <td>{one.late || <None />}</td>
                <td>{percent(one.share)}</td>
                <td>
                  {one.missing > 0 ? (
                    <span className="change">{t("school.missingOf", { count: one.missing })}</span>
                  ) : (
                    <span className="soft">{one.held > 0 ? t("school.complete") : "–"}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** A nought that does not catch the eye. */
const None = () => <span className="soft">0</span>;
