import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import * as staff from "../api/staff";
import { addDays, longDay } from "../calendar";
import { Empty, Loaded, Skeleton } from "../frame/states";
import { todayAt, useMe } from "../frame/who";
import { WaitingRemarks } from "../behaviour/waiting";
import { Gaps } from "./gaps";
import { Groups } from "./groups";
import { Lesson, type Place } from "./lesson";
import { Unread } from "./unread";
import "./today.css";

const BACK = 7; // days in which something missing is named
const AGAIN = 30_000; // milliseconds

/** A teacher's day: its lessons, what is missing in the journals, what came in. */
export function TodayPage() {
  const { t } = useTranslation();
  const me = useMe();
  const today = todayAt(me);
  const query = useQuery({
    queryKey: ["lessons-given", me.person_id, today],
    queryFn: () => staff.lessonsGiven(me.person_id, addDays(today, -BACK), today),
    refetchInterval: AGAIN,
  });
  return (
    <>
      <title>{t("tab.today")}</title>
      <div className="head">
        <h1>{longDay(today)}</h1>
      </div>
      <div className="today-page">
        <Loaded query={query} skeleton={<TodaySkeleton />}>
          {(given) => (
            <>
              <Lessons given={given} today={today} />
              <div className="today-side">
                <WaitingRemarks />
                <Gaps lessons={given.lessons} />
                <Unread />
                <Groups today={today} />
              </div>
            </>
          )}
        </Loaded>
      </div>
    </>
  );
}

function Lessons({ given, today }: { given: staff.LessonsGiven; today: string }) {
  const { t } = useTranslation();
  const lessons = given.lessons.filter((l) => l.on === today).sort((a, b) => a.number - b.number);
  if (lessons.length === 0) {
    const holiday = given.holidays.find((h) => h.starts <= today && today <= h.ends);
    return (
      <section className="card">
        <Empty title={holiday?.title ?? t("today.none")} text={t("today.noneText")} />
      </section>
    );
  }
  const places = placesOf(lessons, given.schools);
  return (
    <section className="card today-day" aria-labelledby="today-lessons">
      <h2 id="today-lessons" className="unseen">
        {t("today.lessons")}
      </h2>
      <ol>
        {lessons.map((lesson) => (
          <Lesson key={lesson.lesson_id} lesson={lesson} place={places.get(lesson.lesson_id) ?? null} />
        ))}
      </ol>
    </section>
  );
}

/** Which lesson goes on and which is next, by the clock of its school. */
export function placesOf(lessons: staff.GivenLesson[], schools: staff.SchoolNow[]): Map<string, Place> {
  const clocks = new Map(schools.map((s) => [s.school_id, s.now]));
  const found = new Map<string, Place>();
  for (const { cancelled, ends, lesson_id, school_id, starts } of lessons) {
    const now = clocks.get(school_id);
    if (cancelled || !now || !starts || !ends || ends <= now) continue;
    if (starts <= now) found.set(lesson_id, { kind: "now", minutes: minutes(ends) - minutes(now) });
    else {
      if (![...found.values()].some((p) => p.kind === "next")) found.set(lesson_id, { kind: "next", minutes: minutes(starts) - minutes(now) });
    }
  }
  return found;
}

const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

function TodaySkeleton() {
  return (
    <>
      <div className="card">
        <Skeleton lines={4} tall />
      </div>
      <div className="card">
        <Skeleton lines={5} />
      </div>
    </>
  );
}
