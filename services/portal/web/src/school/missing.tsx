import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { MissingRoll, SchoolDay } from "../api/staff";
import { Sign } from "../frame/sign";

const SHOWN = 6;

/** Lessons that are over and have no roll, in order of time; each line opens that very roll. */
export function MissingRolls({ day }: { day: SchoolDay }) {
  const { t } = useTranslation();
  const { missing } = day;
  if (day.lessons.held === 0) return null;
  return (
    <section className="card stack" aria-labelledby="missing">
      <h2 id="missing">{t("school.missing")}</h2>
      {missing.length === 0 ? (
        <p className="gaps-none">
          <Sign kind="done" /> {t("school.allRolls")}
        </p>
      ) : (
        <>
          <List rolls={missing.slice(0, SHOWN)} />
          {missing.length > SHOWN && (
            <details>
              <summary>{t("gaps.more", { count: missing.length - SHOWN })}</summary>
              <List rolls={missing.slice(SHOWN)} />
            </details>
          )}
        </>
      )}
    </section>
  );
}

function List({ rolls }: { rolls: MissingRoll[] }) {
  const { t } = useTranslation();
  return (
    <ul>
      {rolls.map(({ group_id, lesson_id, number, roll, starts, teacher, title }) => (
        <li key={lesson_id}>
          <Link to={`/roll/${group_id}/${roll.on}/${roll.number}`} className="gap-line">
            <span className="soft small">{starts ?? t("gaps.number", { number })}</span>
            <span>
              <span className="gap-what">{title}</span>
              {teacher && <span className="soft small under">{teacher}</span>}
            </span>
            <span className="soft small">{t("gaps.number", { number })}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
