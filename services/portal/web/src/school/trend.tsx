import { useTranslation } from "react-i18next";
import type { DayOfPlaces } from "../api/staff";
import { shortDay, shortWeekday } from "../calendar";
import { percent } from "./figures";

const LEAST = 10; // per cent that a full bar means at least, so that a good week does not look like a bad one

/** Missed and late places of the last days: bars from nought, each with its figures beside it. A line opens its day. */
export function Trend({ days, on, go }: { days: DayOfPlaces[]; on: string; go: (on: string) => void }) {
  const { t } = useTranslation();
  if (days.length === 0) return null;
  const shares = days.map(({ absent, late, present }) => {
    const all = absent + late + present;
    return { absent: (100 * absent) / all, late: (100 * late) / all };
  });
  const full = Math.max(LEAST, ...shares.map((s) => s.absent + s.late));
  return (
    <section className="card" aria-labelledby="trend">
      <h2 id="trend">{t("school.trend")}</h2>
      <p className="soft small trend-key">
        <span className="bar absent" aria-hidden="true" /> {t("school.missed")}
        <span className="bar late" aria-hidden="true" /> {t("school.lateness")}
      </p>
      <div className="table-scroll" role="group" aria-labelledby="trend" tabIndex={0}>
        <table className="figures-table trend">
          <thead>
            <tr>
              <th scope="col">{t("school.day")}</th>
              <th scope="col" aria-hidden="true" />
              <th scope="col">{t("school.missedShort")}</th>
              <th scope="col">{t("school.late")}</th>
              <th scope="col">{t("school.share")}</th>
            </tr>
          </thead>
          <tbody>
            {days.map((day, n) => (
              <tr key={day.on} className={day.on === on ? "chosen" : undefined}>
                <th scope="row">
                  <button type="button" className="day-link" aria-current={day.on === on ? "date" : undefined} onClick={() => go(day.on)}>
                    {shortWeekday(day.on)} {shortDay(day.on)}
                  </button>
                </th>
                <td className="bars" aria-hidden="true">
                  <span className="bar absent" style={{ width: `${(100 * (shares[n]?.absent ?? 0)) / full}%` }} />
                  <span className="bar late" style={{ width: `${(100 * (shares[n]?.late ?? 0)) / full}%` }} />
                </td>
                <td>{day.absent}</td>
                <td>{day.late}</td>
                <td>{percent(day.share)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
