import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { dayAndTime } from "../calendar";
import * as roster from "../api/roster";
import { useNames } from "../frame/names";
import { Empty, Loaded } from "../frame/states";
import "./erasures.css";

export const erasuresOf = { queryKey: ["erasures"], queryFn: roster.erasures, staleTime: 0 };

/** Whose data were destroyed in the officer's districts, by which act; each leads to its act on paper. */
export function ErasuresPage() {
  const { t } = useTranslation();
  const query = useQuery(erasuresOf);
  return (
    <>
      <title>{t("erasures.title")}</title>
      <div className="head">
        <h1>{t("erasures.title")}</h1>
        <Link className="button" to="/district">
          {t("tab.district")}
        </Link>
      </div>
      <div className="erasures">
        <p className="soft">{t("erasures.text")}</p>
        <Loaded query={query}>{(acts) => (acts.length === 0 ? <Empty title={t("erasures.none")} /> : <Acts acts={acts} />)}</Loaded>
      </div>
    </>
  );
}

function Acts({ acts }: { acts: roster.Erasure[] }) {
  const { t } = useTranslation();
  const name = useNames(acts.map((one) => one.by));
  return (
    <div className="card table-scroll" role="group" aria-label={t("erasures.title")} tabIndex={0}>
      <table className="list-table">
        <thead>
          <tr>
            <th scope="col">{t("erasures.act")}</th>
            <th scope="col">{t("erasures.by")}</th>
            <th scope="col">{t("erasures.destroyed")}</th>
          </tr>
        </thead>
        <tbody>
          {acts.map((one) => (
            <tr key={one.person_id}>
              <th scope="row">
                <Link to={`/erasures/${one.person_id}`}>{one.act}</Link>
                <code className="soft small under">{one.person_id}</code>
              </th>
              <td>
                {name(one.by)}
                <span className="soft small under">{dayAndTime(one.at)}</span>
              </td>
              <td>{one.key_destroyed_at === null ? t("erasures.notYet") : dayAndTime(one.key_destroyed_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
