import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { GivenLesson } from "../api/staff";
import { addDays, shortDay } from "../calendar";
import { roomName } from "../frame/room";
import { Sign } from "../frame/sign";

/** Minutes are those left of the lesson that goes on, or those until the next. */
export type Place = { kind: "now" | "next"; minutes: number };

/** «5А литература» need not say «Литература» again. */
export const says = (title: string, subject: string) => title.toLowerCase().includes(subject.toLowerCase());

export function rollOf({ group_id, moved_from, number, on }: GivenLesson): string {
  const { on: day, number: place } = moved_from ?? { on, number };
  return `/roll/${group_id}/${day}/${place}`;
}

/** The journal of four weeks with this lesson as its last column. */
export const journalOf = ({ group_id, on }: GivenLesson) => `/journal/${group_id}?first=${addDays(on, -27)}&last=${on}`;

/** One lesson of today with its state; each part of it leads where it is changed. */
export function Lesson({ lesson, place }: { lesson: GivenLesson; place: Place | null }) {
  const { t } = useTranslation();
  const { cancelled, ends, moved_from, number, room, starts, subject, substituted, title } = lesson;
  const about = [says(title, subject) ? "" : subject, room && roomName(room)].filter(Boolean).join(" · ");
  const past = lesson.held && place === null;
  const name = ["today-lesson", place?.kind, past && "past", cancelled && "off"].filter(Boolean).join(" ");
  return (
    <li className={name} aria-current={place?.kind === "now" ? "time" : undefined}>
      <div className="given-when">
        <b>{number}</b>
        <span className="small">
          {starts}
          <span className="soft">{ends && `–${ends}`}</span>
        </span>
      </div>
      <div className="given-what">
        {place && (
          <p className="given-place">
            <b>{t(`today.${place.kind}`)}</b> <span>{t(place.kind === "now" ? "today.left" : "today.in", { count: place.minutes })}</span>
          </p>
        )}
        <h3>{title}</h3>
        {about && <p className="soft small">{about}</p>}
        {cancelled && <p className="change">{t("lesson.cancelled")}</p>}
        {moved_from && <p className="change">{t("lesson.moved", { day: shortDay(moved_from.on), number: moved_from.number })}</p>}
        {substituted && <p className="change">{t("today.standIn")}</p>}
      </div>
      {!cancelled && <States lesson={lesson} />}
    </li>
  );
}

function States({ lesson }: { lesson: GivenLesson }) {
  const { t } = useTranslation();
  const { held, homework, marks, roll, title, topic } = lesson;
  return (
    <ul className="given-states" aria-label={t("today.statesOf", { title })}>
      <li>
        <Link to={rollOf(lesson)} className="given-state">
          <Sign kind={roll ? "done" : held ? "missing" : "open"} />
          <span>
            <span className="small soft under">{t("today.roll")}</span>
            {roll ? sayRoll(roll) : t(held ? "today.rollMissing" : "today.rollOpen")}
          </span>
        </Link>
      </li>
      <li>
        <Link to={journalOf(lesson)} className="given-state">
          <Sign kind={marks > 0 ? "done" : "open"} />
          <span>
            <span className="small soft under">{t("today.given")}</span>
            {marks > 0 ? t("marks.count", { count: marks }) : t("today.marksOpen")}
          </span>
        </Link>
      </li>
      <li>
        <Link to={rollOf(lesson)} className="given-state">
          <Sign kind={topic ? "done" : held ? "missing" : "open"} />
          <span>
            <span className="small soft under">{t("history.field.topic")}</span>
            {topic ?? t(held ? "today.topicMissing" : "today.topicOpen")}
          </span>
        </Link>
      </li>
      <li>
        <Link to={rollOf(lesson)} className="given-state">
          <Sign kind={homework === null ? (held ? "missing" : "open") : "done"} />
          <span>
            <span className="small soft under">{t("homework.short")}</span>
            {homework === null ? t(held ? "homework.missing" : "homework.open") : homework || t("homework.none")}
          </span>
        </Link>
      </li>
    </ul>
  );

  function sayRoll({ absent, late }: { absent: number; late: number }): string {
    if (absent + late === 0) return t("today.allHere");
    return [absent > 0 && t("today.absent", { count: absent }), late > 0 && t("today.late", { count: late })].filter(Boolean).join(", ");
  }
}
