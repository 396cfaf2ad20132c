import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as lessons from "../api/lessons";
import * as roster from "../api/roster";
import { longDay } from "../calendar";
import { Empty, Loaded } from "../frame/states";
import { isTeacher, todayAt, useMe } from "../frame/who";
import "./today.css";

/** A teacher's day: today's lessons, each with its journal and its roll; then all groups. */
export function TodayPage() {
  const { t } = useTranslation();
  const me = useMe();
  const today = todayAt(me);
  return (
    <>
      <title>{t("tab.journal")}</title>
      <div className="head">
        <h1>{longDay(today)}</h1>
      </div>
      <div className="today-page">
        {isTeacher(me) && <Today today={today} />}
        <Groups today={today} />
      </div>
    </>
  );
}

function Today({ today }: { today: string }) {
  const { t } = useTranslation();
  const me = useMe();
  const query = useQuery({
    queryKey: ["week", { teacher_id: me.person_id }, today, today],
    queryFn: () => lessons.week({ teacher_id: me.person_id }, today, today),
  });
  return (
    <section className="card" aria-labelledby="today-lessons">
      <h2 id="today-lessons">{t("today.lessons")}</h2>
      <Loaded query={query}>
        {(week) =>
          week.lessons.length === 0 ? (
            <Empty title={week.holidays[0]?.title ?? t("today.none")} text={t("today.noneText")} />
          ) : (
            <ol className="today-lessons">
              {[...week.lessons]
                .sort((a, b) => a.number - b.number)
                .map((lesson) => (
                  <TodayLesson key={lesson.lesson_id} lesson={lesson} />
                ))}
            </ol>
          )
        }
      </Loaded>
    </section>
  );
}

function TodayLesson({ lesson }: { lesson: lessons.Lesson }) {
  const { t } = useTranslation();
  const known = lesson.moved_from ?? lesson;
  return (
    <li className={lesson.cancelled ? "cancelled" : undefined}>
      <b className="today-number">{lesson.number}</b>
      <span className="soft small time">
        {lesson.starts}–{lesson.ends}
      </span>
      <span className="today-what">
        <h3>{lesson.title}</h3>
        <span className="soft small">
          {[lesson.room && t("lesson.room", { room: lesson.room }), lesson.topic, lesson.cancelled && t("lesson.cancelled")].filter(Boolean).join(" · ")}
        </span>
      </span>
      {!lesson.cancelled && (
        <span className="line">
          <Link className="button" to={`/roll/${lesson.group_id}/${known.on}/${known.number}`}>
            {t("today.roll")}
          </Link>
          <Link className="button" to={`/journal/${lesson.group_id}`}>
            {t("today.marks")}
          </Link>
        </span>
      )}
    </li>
  );
}

function Groups({ today }: { today: string }) {
  const { t } = useTranslation();
  const me = useMe();
  const mine = isTeacher(me);
  const query = useQuery({ queryKey: ["groups", mine ? "mine" : "all"], queryFn: () => roster.groups(mine), staleTime: 300_000 });
  return (
    <section className="card" aria-labelledby="all-groups">
      <h2 id="all-groups">{mine ? t("journal.mine") : t("journal.others")}</h2>
      <Loaded query={query}>
        {(groups) => (
          <ul className="group-list">
            {groups
              .filter((g) => g.starts <= today && today <= g.ends && (g.closed_on === null || today < g.closed_on))
              .sort((a, b) => a.title.localeCompare(b.title))
              .map((group) => (
                <li key={group.group_id}>
                  <Link to={`/journal/${group.group_id}`}>
                    {group.title} <span className="soft small">{group.subject}</span>
                  </Link>
                </li>
              ))}
          </ul>
        )}
      </Loaded>
    </section>
  );
}
