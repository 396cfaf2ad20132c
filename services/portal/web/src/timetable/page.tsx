import { useQuery } from "@tanstack/react-query";
import i18next from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import * as lessons from "../api/lessons";
import * as roster from "../api/roster";
import { addDays, daysBetween, dayAndMonth, longWeekday } from "../calendar";
import { useNames } from "../frame/names";
import { useWeek, WeekSwitch } from "../frame/period";
import { PupilHead } from "../frame/pupil-head";
import { Empty, Loaded, Skeleton } from "../frame/states";
import { isStaff, isTeacher, todayAt, useMe } from "../frame/who";
import { ChangeDialog, mayChange } from "./change-dialog";
import { Choose } from "./choose";
import { Differs } from "./differs";
import "./timetable.css";

/** The week of a class, a teacher or a pupil, whom the address names. */
export function TimetablePage() {
  const { t } = useTranslation();
  const me = useMe();
  const { pupilId } = useParams();
  const [search] = useSearchParams();
  const whose = pupilId ? { pupil_id: pupilId } : whoseOf(search, me);
  const school = me.children.find((c) => c.person_id === pupilId)?.school_id;
  const today = todayAt(me, school);
  const { first, go } = useWeek(today);
  const last = addDays(first, 6);
  const query = useQuery({
    queryKey: ["week", whose, first],
    queryFn: () => lessons.week(whose as lessons.Whose, first, last),
    enabled: whose !== null,
  });
  const controls = <WeekSwitch first={first} today={today} go={go} />;
  return (
    <>
      {pupilId ? (
        <PupilHead title={t("tab.timetable")}>{controls}</PupilHead>
      ) : (
        <>
          <title>{t("tab.timetable")}</title>
          <div className="head">
            <h1>{t("tab.timetable")}</h1>
            {controls}
          </div>
          <Choose whose={whose} today={first <= today && today <= last ? today : first} />
        </>
      )}
      {whose === null ? (
        <Empty title={t("timetable.choose")} />
      ) : (
        <Loaded query={query} skeleton={<Skeleton lines={3} tall />}>
          {(week) => <Week week={week} of={whose && "teacher_id" in whose ? whose.teacher_id : null} first={first} today={today} />}
        </Loaded>
      )}
    </>
  );
}

function whoseOf(search: URLSearchParams, me: roster.Me): lessons.Whose | null {
  const group = search.get("group");
  const teacher = search.get("teacher");
  const pupil = search.get("pupil");
  if (group) return { group_id: group };
  if (teacher) return { teacher_id: teacher };
  if (pupil) return { pupil_id: pupil };
  return isTeacher(me) ? { teacher_id: me.person_id } : null;
}

/** «неделя А», «день 3» */
const sayBeat = ({ week, day }: lessons.Beat) => (day === null ? i18next.t(`timetable.week${week}`) : i18next.t("timetable.day", { count: day }));

function Week({ week, of, first, today }: { week: lessons.Week; of: string | null; first: string; today: string }) {
  const { t } = useTranslation();
  const name = useNames(week.lessons.flatMap((l) => [l.teacher_id, l.instead_of]));
  const [edited, setEdited] = useState<lessons.Lesson | null>(null);
  const days = daysBetween(first, addDays(first, 6)).map((on) => ({
    on,
    lessons: week.lessons.filter((l) => l.on === on).sort((a, b) => a.number - b.number),
    holiday: week.holidays.find((h) => h.starts <= on && on <= h.ends)?.title,
    beats: [...new Set((week.days ?? []).filter((day) => day.on === on).map(sayBeat))],
  }));
  const shown = days.filter((d) => d.lessons.length > 0 || d.holiday);
  if (shown.length === 0) return <Empty title={t("timetable.nothing")} />;
  return (
    <>
      {edited && <ChangeDialog lesson={edited} done={() => setEdited(null)} />}
      <div className="timetable">
        {shown.map((day) => (
          <section key={day.on} className={day.on === today ? "day now" : "day"} aria-labelledby={`on-${day.on}`}>
            <h2 id={`on-${day.on}`}>
              {longWeekday(day.on)} <span className="soft">{[dayAndMonth(day.on), ...day.beats].join(" · ")}</span>
            </h2>
            {day.holiday && <p className="holiday">{day.holiday}</p>}
            {day.lessons.length > 0 && <DayTable lessons={day.lessons} of={of} name={name} edit={setEdited} />}
          </section>
        ))}
      </div>
    </>
  );
}

type DayProps = { lessons: lessons.Lesson[]; /** The teacher whose week it is need not be named at each lesson. */ of: string | null; name: (id: string | null) => string; edit: (lesson: lessons.Lesson) => void };

function DayTable({ lessons: all, of, name, edit }: DayProps) {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <table className="day-table">
      <thead>
        <tr>
          <th scope="col">№</th>
          <th scope="col">{t("timetable.time")}</th>
          <th scope="col">{t("timetable.lesson")}</th>
          <th scope="col">{t("timetable.room")}</th>
        </tr>
      </thead>
      <tbody>
        {all.map((lesson) => (
          <tr key={lesson.lesson_id} className={lesson.cancelled ? "cancelled" : undefined}>
            <td>
              <b>{lesson.number}</b>
            </td>
            <td className="time">
              {lesson.starts}–<wbr />
              {lesson.ends}
            </td>
            <td>
              <h3>{isStaff(me) ? <Link to={`/journal/${lesson.group_id}`}>{lesson.title}</Link> : lesson.subject}</h3>
              <span className="soft small">{lesson.substituted || lesson.teacher_id === of ? "" : name(lesson.teacher_id)}</span>
              <Differs lesson={lesson} teacher={name(lesson.teacher_id)} insteadOf={name(lesson.instead_of)} />
              {isStaff(me) && mayChange(me, lesson) && (
                <button type="button" className="button plain small edit" onClick={() => edit(lesson)} aria-label={t("change.of", { title: lesson.title, number: lesson.number })}>
                  {t("change.edit")}
                </button>
              )}
            </td>
            <td>{lesson.room}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}


