import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import * as lessons from "../api/lessons";
import { addDays, dayAndMonth, daysBetween, longWeekday } from "../calendar";
import { useWeek, WeekSwitch } from "../frame/period";
import { Empty, Loaded } from "../frame/states";
import { todayAt, useMe } from "../frame/who";
import "../timetable/timetable.css";

/** The week's lessons of the teacher, or of the group in the address; each leads to its roll. */
export function RollListPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [search] = useSearchParams();
  const group = search.get("group");
  const whose = group ? { group_id: group } : { teacher_id: me.person_id };
  const today = todayAt(me);
  const { first, go } = useWeek(today);
  const query = useQuery({ queryKey: ["week", whose, first], queryFn: () => lessons.week(whose, first, addDays(first, 6)) });
  return (
    <>
      <title>{t("tab.attendance")}</title>
      <div className="head">
        <h1>{t("roll.lessons")}</h1>
        <WeekSwitch first={first} today={today} go={go} />
      </div>
      <Loaded query={query}>
        {(week) =>
          week.lessons.length === 0 ? (
            <Empty title={t("timetable.nothing")} />
          ) : (
            <div className="timetable">
              {daysBetween(first, addDays(first, 6)).map((on) => (
                <Day key={on} on={on} today={today} lessons={week.lessons.filter((l) => l.on === on && !l.cancelled)} />
              ))}
            </div>
          )
        }
      </Loaded>
    </>
  );
}

function Day({ on, today, lessons: all }: { on: string; today: string; lessons: lessons.Lesson[] }) {
  const { t } = useTranslation();
  if (all.length === 0) return null;
  return (
    <section className={on === today ? "day now" : "day"} aria-labelledby={`rolls-${on}`}>
      <h2 id={`rolls-${on}`}>
        {longWeekday(on)} <span className="soft">{dayAndMonth(on)}</span>
      </h2>
      <ol>
        {[...all]
          .sort((a, b) => a.number - b.number)
          .map((lesson) => {
            const known = lesson.moved_from ?? lesson;
            return (
              <li key={lesson.lesson_id} className="lesson">
                <b>{lesson.number}</b>
                <span>
                  {lesson.title}{" "}
                  <span className="soft small time">
                    {lesson.starts}–{lesson.ends}
                  </span>
                </span>
                <Link className={on > today ? "button plain" : "button"} to={`/roll/${lesson.group_id}/${known.on}/${known.number}`}>
                  {t(on > today ? "roll.plan" : "today.roll")}
                </Link>
              </li>
            );
          })}
      </ol>
    </section>
  );
}
