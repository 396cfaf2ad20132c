import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { GivenLesson } from "../api/staff";
import { shortDay, shortWeekday } from "../calendar";
import { journalOf, rollOf } from "./lesson";
import { Sign } from "../frame/sign";

const SHOWN = 5;

/** What is missing in the lessons that are over; each line opens that very lesson. */
export function Gaps({ lessons }: { lessons: GivenLesson[] }) {
  const { t } = useTranslation();
  const over = lessons.filter((l) => l.held && !l.cancelled).sort((a, b) => `${b.on}${b.number}`.localeCompare(`${a.on}${a.number}`));
  const kinds = [
    { key: "rolls", of: over.filter((l) => l.roll === null), to: rollOf },
    { key: "marks", of: over.filter((l) => l.works > 0 && l.marks === 0), to: journalOf },
    { key: "topics", of: over.filter((l) => !l.topic), to: rollOf },
    { key: "homework", of: over.filter((l) => l.homework === null), to: rollOf },
  ].filter((kind) => kind.of.length > 0);
  return (
    <section className="card stack" aria-labelledby="gaps">
      <h2 id="gaps">{t("gaps.title")}</h2>
      {kinds.length === 0 && (
        <p className="gaps-none">
          <Sign kind="done" /> {t("gaps.none")}
        </p>
      )}
      {kinds.map(({ key, of, to }) => (
        <div key={key}>
          <h3 className="gaps-head">
            <Sign kind="missing" /> {t(`gaps.${key}`, { count: of.length })}
          </h3>
          <List lessons={of.slice(0, SHOWN)} to={to} />
          {of.length > SHOWN && (
            <details>
              <summary>{t("gaps.more", { count: of.length - SHOWN })}</summary>
              <List lessons={of.slice(SHOWN)} to={to} />
            </details>
          )}
        </div>
      ))}
    </section>
  );
}

function List({ lessons, to }: { lessons: GivenLesson[]; to: (lesson: GivenLesson) => string }) {
  const { t } = useTranslation();
  return (
    <ul>
      {lessons.map((lesson) => (
        <li key={lesson.lesson_id}>
          <Link to={to(lesson)} className="gap-line">
            <span className="soft small gap-day">
              {shortWeekday(lesson.on)} {shortDay(lesson.on)}
            </span>
            <span className="gap-what">{lesson.title}</span>
            <span className="soft small">{t("gaps.number", { number: lesson.number })}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
