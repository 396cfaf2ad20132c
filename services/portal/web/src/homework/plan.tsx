import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as staff from "../api/staff";
import { addDays, dayAndMonth, daysBetween, longWeekday } from "../calendar";
import { useWeek, WeekSwitch } from "../frame/period";
import { Sign } from "../frame/sign";
import { Empty, Loaded } from "../frame/states";
import { todayAt, useMe } from "../frame/who";
import { rollOf } from "../today/lesson";
import "../diary/diary.css";
import "./homework.css";

/** The teacher's week: of each lesson what it is about and what is to be done after it, each with the way to change it. */
export function HomeworkPlanPage() {
  const { t } = useTranslation();
  const me = useMe();
  const today = todayAt(me);
  const { first, go } = useWeek(today);
  const last = addDays(first, 6);
  const query = useQuery({ queryKey: ["lessons-given", me.person_id, first, last], queryFn: () => staff.lessonsGiven(me.person_id, first, last) });
  return (
    <>
      <title>{t("tab.homework")}</title>
      <div className="head">
        <h1>{t("tab.homework")}</h1>
        <WeekSwitch first={first} today={today} go={go} />
      </div>
      <div className="homework-page">
        <Loaded query={query}>
          {({ lessons }) => {
            const given = lessons.filter((one) => !one.cancelled);
            if (given.length === 0) return <Empty title={t("timetable.nothing")} text={t("diary.nothingText")} />;
            return daysBetween(first, last).map((on) => <Day key={on} on={on} today={today} lessons={given.filter((one) => one.on === on)} />);
          }}
        </Loaded>
      </div>
    </>
  );
}

function Day({ on, today, lessons }: { on: string; today: string; lessons: staff.GivenLesson[] }) {
  if (lessons.length === 0) return null;
  return (
    <section className={on === today ? "day now" : "day"} aria-labelledby={`plan-${on}`}>
      <h2 id={`plan-${on}`}>
        {longWeekday(on)} <span className="soft">{dayAndMonth(on)}</span>
      </h2>
      <ol>
        {[...lessons]
          .sort((a, b) => a.number - b.number)
          .map((lesson) => (
            <Planned key={lesson.lesson_id} lesson={lesson} />
          ))}
      </ol>
    </section>
  );
}

function Planned({ lesson }: { lesson: staff.GivenLesson }) {
  const { t } = useTranslation();
  const { held, homework, number, title, topic } = lesson;
  return (
    <li className="plan-lesson">
      <b>{number}</b>
      <div className="homework-task">
        <h3>{title}</h3>
        {topic && <p className="soft small">{topic}</p>}
        <p className="said-words">
          <Sign kind={homework === null ? (held ? "missing" : "open") : "done"} /> {homework ?? t(held ? "homework.missing" : "homework.open")}
          {homework === "" && t("homework.none")}
        </p>
      </div>
      <Link className="button" to={rollOf(lesson)}>
        {t(homework === null ? "homework.write" : "frame.edit")}
        <span className="unseen"> {t("homework.changeOf", { title, number })}</span>
      </Link>
    </li>
  );
}
