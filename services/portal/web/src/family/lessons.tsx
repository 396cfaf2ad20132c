import { useTranslation } from "react-i18next";
import type { DiaryDay } from "../api/reporting";
import { addDays, longDay, shortDay } from "../calendar";
import { roomName } from "../frame/room";

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
                <span className="family-what">
                  <span className="family-subject">{lesson.subject}</span>
                  {lesson.cancelled && <span className="change under">{t("lesson.cancelled")}</span>}
                  {lesson.moved_from && (
                    <span className="change under">{t("lesson.moved", { day: shortDay(lesson.moved_from.on), number: lesson.moved_from.number })}</span>
                  )}
                  {lesson.substituted && <span className="change under">{t("lesson.substituted")}</span>}
                </span>
                <span className="soft small">{lesson.room && roomName(lesson.room)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
