import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as reporting from "../api/reporting";
import { addDays, dayOf, moment } from "../calendar";
import { useNames } from "../frame/names";
import { PupilHead } from "../frame/pupil-head";
import { Empty, Loaded } from "../frame/states";
import { usePupil } from "../frame/who";
import "./readings.css";

const DAYS = 90;

/** Who opened the pupil's pages and when. */
export function ReadingsPage() {
  const { t } = useTranslation();
  const { pupil } = usePupil();
  const today = dayOf(new Date());
  const last = addDays(today, 1); // the days are UTC's, which may be a day ahead
  const query = useQuery({
    queryKey: ["readings", pupil],
    queryFn: () => reporting.readings(pupil, addDays(today, -DAYS), last),
    staleTime: 0,
  });
  return (
    <>
      <PupilHead title={t("readings.title")}>
        <Link className="button" to={`/pupils/${pupil}/diary`}>
          {t("audit.toDiary")}
        </Link>
      </PupilHead>
      <div className="readings">
        <p className="soft">{t("readings.text", { count: DAYS })}</p>
        <Loaded query={query}>
          {(readings) => (readings.length === 0 ? <Empty title={t("readings.nothing")} text={t("readings.nothingText")} /> : <Table readings={readings} />)}
        </Loaded>
      </div>
    </>
  );
}

function Table({ readings }: { readings: reporting.Reading[] }) {
  const { t } = useTranslation();
  const name = useNames(readings.map((r) => r.by));
  return (
    <div className="card table-scroll" role="group" aria-label={t("readings.title")} tabIndex={0}>
      <table className="list-table">
        <thead>
          <tr>
            <th scope="col">{t("readings.who")}</th>
            <th scope="col">{t("readings.what")}</th>
            <th scope="col">{t("readings.when")}</th>
          </tr>
        </thead>
        <tbody>
          {readings.map((one) => (
            <tr key={`${one.by} ${one.page} ${one.on}`}>
              <th scope="row">
                {name(one.by) || t("readings.unknown")}
                <span className="soft small under">{t(one.near ? "readings.near" : "readings.far")}</span>
              </th>
              <td>{t(`readings.page.${one.page}`)}</td>
              <td>
                <time dateTime={one.last_at}>{moment(one.last_at)}</time>
                {one.times > 1 && <span className="soft small under">{t("readings.times", { count: one.times })}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
