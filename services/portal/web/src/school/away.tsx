import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Away } from "../api/staff";
import { sayPresence } from "../attendance/words";

/** Pupils who missed a lesson, by class and name; first those of whom nobody knows why. */
export function AwayList({ away }: { away: Away[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const unexcused = away.filter((a) => a.unexcused);
  const shown = all ? away : unexcused;
  if (away.length === 0) return null;
  return (
    <section className="card stack" aria-labelledby="away">
      <h2 id="away">{t("school.away")}</h2>
      <div className="line" role="group" aria-labelledby="away">
        <button type="button" className="button" aria-pressed={!all} onClick={() => setAll(false)}>
          {t("school.onlyUnexcused", { count: unexcused.length })}
        </button>
        <button type="button" className="button" aria-pressed={all} onClick={() => setAll(true)}>
          {t("school.everyone", { count: away.length })}
        </button>
      </div>
      {shown.length === 0 ? (
        <p className="soft">{t("school.nobodyUnexcused")}</p>
      ) : (
        <ul>
          {shown.map((one) => (
            <li key={one.pupil_id}>
              <Link to={`/pupils/${one.pupil_id}/attendance`} className="away-line">
                <span className="away-class">{one.class}</span>
                <span className="gap-what">{one.name ?? "–"}</span>
                <span className="soft small away-why">{why(one)}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );

  /** «1, 2, 3-й урок: болезнь»: lessons with the same words stand together. */
  function why({ lessons }: Away): string {
    const said = new Map<string, number[]>();
    for (const lesson of lessons) {
      const words = lesson.state === "absent" && lesson.reason === null ? t("school.noReason") : sayPresence(lesson);
      said.set(words, [...(said.get(words) ?? []), lesson.number]);
    }
    return [...said].map(([words, numbers]) => `${t("school.lessonsOf", { count: numbers.length, numbers: numbers.join(", ") })}: ${words}`).join("; ");
  }
}
