import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import * as staff from "../api/staff";
import { isDay, longDay } from "../calendar";
import { MomentBanner, MomentChoice, useMoment } from "../frame/moment";
import { Empty, Loaded } from "../frame/states";
import { todayAt, useMe } from "../frame/who";
import { DaySwitch } from "./day-switch";
import { number, percent } from "./figures";
import "./school.css";

const PAGE = 20;
const AGAIN = 60_000; // milliseconds

/** The schools of an officer's district with the figures of one day, by name. */
export function DistrictPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [search, setSearch] = useSearchParams();
  const today = todayAt(me);
  const asked = search.get("on");
  const on = isDay(asked) ? asked : today;
  const page = Math.max(0, Number(search.get("page")) || 0);
  const { asOf } = useMoment();
  const query = useQuery({
    queryKey: ["district-day", on, page, asOf],
    queryFn: () => staff.districtDay(page, PAGE, on, asOf),
    refetchInterval: asOf === undefined && AGAIN,
    placeholderData: keepPreviousData,
  });

  function go(name: string, value: string) {
    setSearch((old) => {
      old.set(name, value);
      return old;
    });
  }

  return (
    <>
      <title>{t("tab.district")}</title>
      <div className="head">
        <div>
          <p className="soft">{t("district.title")}</p>
          <h1>{longDay(on)}</h1>
        </div>
        <DaySwitch on={on} today={today} go={(day) => go("on", day)} />
      </div>
      <MomentBanner />
      <Loaded query={query}>
        {({ schools, total }) =>
          total === 0 ? (
            <Empty title={t("district.none")} />
          ) : (
            <section className="card" aria-labelledby="schools">
              <h2 id="schools">{t("district.schools", { count: total })}</h2>
              <Schools schools={schools} on={on} today={today} />
              {total > PAGE && (
                <div className="line" role="group" aria-label={t("district.pages")}>
                  <button type="button" className="button" disabled={page === 0} onClick={() => go("page", String(page - 1))}>
                    {t("district.before")}
                  </button>
                  <button type="button" className="button" disabled={(page + 1) * PAGE >= total} onClick={() => go("page", String(page + 1))}>
                    {t("district.after")}
                  </button>
                </div>
              )}
            </section>
          )
        }
      </Loaded>
      <footer className="line page-foot">
        <MomentChoice />
        <Link to="/erasures">{t("erasures.title")}</Link>
      </footer>
    </>
  );
}

function Schools({ schools, on, today }: { schools: staff.SchoolFigures[]; on: string; today: string }) {
  const { t } = useTranslation();
  return (
    <div className="table-scroll" role="group" aria-labelledby="schools" tabIndex={0}>
      <table className="figures-table schools">
        <thead>
          <tr>
            <th scope="col">{t("district.school")}</th>
            <th scope="col">{t("school.share")}</th>
            <th scope="col">{t("school.absent")}</th>
            <th scope="col">{t("school.unexcusedShort")}</th>
            <th scope="col">{t("school.late")}</th>
            <th scope="col">{t("school.rolls")}</th>
            <th scope="col">{t("school.marksShort")}</th>
          </tr>
        </thead>
        <tbody>
          {schools.map(({ absent, late, lessons, marks, name, places, pupils, school_id, unexcused }) => (
            <tr key={school_id}>
              <th scope="row">
                <Link to={`/school?school=${school_id}${on === today ? "" : `&on=${on}`}`}>{name}</Link>
                <span className="soft small under">{t("school.pupils", { count: pupils, shown: number(pupils) })}</span>
              </th>
              <td>{percent(places.share)}</td>
              <td>{number(absent)}</td>
              <td>{number(unexcused)}</td>
              <td>{number(late)}</td>
              <td>{lessons.held > 0 ? t("school.of", { part: number(lessons.taken), all: number(lessons.held) }) : "–"}</td>
              <td>{number(marks)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
