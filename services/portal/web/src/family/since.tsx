import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Diary } from "../api/reporting";
import { PresenceChip } from "../attendance/presence";
import { shortDay, shortWeekday } from "../calendar";
import { markId, presenceId } from "../diary/page";
import { useArrived } from "../live/use";
import { MarkChip } from "../marks/mark";
import { missed, newMarks } from "./news";

const SHOWN = 6;

type Of = { child: string; diary: Diary; today: string };

/** What was given since yesterday. */
export function Marks({ child, diary, today }: Of) {
  const { t } = useTranslation();
  const all = newMarks(diary, today, Date.now());
  const arrived = useArrived(`family marks ${child}`, all.map(({ mark }) => markId(mark)));
  return (
    <div>
      <h3>{t("family.marks")}</h3>
      {all.length === 0 && <p className="soft small">{t("family.noMarks")}</p>}
      <ul className="family-news">
        {all.slice(0, SHOWN).map(({ lesson, mark }) => (
          <li key={mark.work_id}>
            <span>
              {lesson.subject} <span className="soft small">{when(mark.on, today)}</span>
            </span>
            <MarkChip mark={mark} pupil={child} arrived={arrived.has(markId(mark))} />
          </li>
        ))}
      </ul>
      {all.length > SHOWN && <Link to={`/pupils/${child}/marks`}>{t("family.moreMarks", { count: all.length - SHOWN })}</Link>}
    </div>
  );

  function when(on: string, now: string): string {
    return on === now ? t("week.today") : `${shortWeekday(on)} ${shortDay(on)}`;
  }
}

/** Lessons missed or begun late today and the school day before; nothing when there are none. */
export function Absences({ child, diary, today }: Of) {
  const { t } = useTranslation();
  const all = missed(diary, today);
  const id = ({ lesson }: (typeof all)[number]) => presenceId(lesson.lesson_id, lesson.attendance ?? { state: "", was: [] });
  const arrived = useArrived(`family absences ${child}`, all.map(id));
  if (all.length === 0) return null;
  return (
    <div>
      <h3>{t("family.absences")}</h3>
      <ul className="family-news">
        {all.map((one) => (
          <li key={one.lesson.lesson_id}>
            <span>
              {one.lesson.subject} <span className="soft small">{one.on === today ? t("week.today") : `${shortWeekday(one.on)} ${shortDay(one.on)}`}</span>
            </span>
            {one.lesson.attendance && <PresenceChip presence={one.lesson.attendance} arrived={arrived.has(id(one))} />}
          </li>
        ))}
      </ul>
    </div>
  );
}
