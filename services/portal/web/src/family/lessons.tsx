import { useTranslation } from "react-i18next";
import type { DiaryDay } from "../api/reporting";
import { addDays, longDay } from "../calendar";
import { roomName } from "../frame/room";
import { Differs } from "../timetable/differs";

/** The lessons of today; where there are none, why, and those of the next day that has some. */
export function Lessons({ day, holiday, today }: { day: DiaryDay | undefined; holiday: string | null; today: string }) {
  const { t } = useTranslation();
  const now = day?.on === today;
  return (
    <div>
      {!now && <p className="soft">{holiday ?? t("family.noLessons")}</p>}
      {day && (
        <>
          <h3>{now ? t("today.lessons") : day.on === addDays(today, 1) ? t("family.tomorrow") : longDay(day.on)}</h3>
          <ol className="family-lessons">
            {day.lessons.map((lesson) => (
              <li key={lesson.lesson_id} className={lesson.cancelled ? "cancelled" : undefined}>
                <b>{lesson.number}</b>
                <span className="soft small">{lesson.starts}</span>
                <div className="family-what">
                  <span className="family-subject">{lesson.subject}</span>
                  <Differs lesson={{ ...lesson, on: day.on }} teacher={lesson.teacher ?? ""} insteadOf={lesson.instead_of ?? ""} />
                </div>
                <span className="soft small">{lesson.room && roomName(lesson.room)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
