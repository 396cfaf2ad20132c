import { useTranslation } from "react-i18next";
import type { DiaryDay, DiaryLesson } from "../api/reporting";
import { PresenceChip } from "../attendance/presence";
import { dayAndMonth, longWeekday } from "../calendar";
import { TaskWords } from "../homework/task";
import { MarkChip } from "../marks/mark";
import { KindOf, TalkButton } from "../behaviour/list";
import type { Remark } from "../api/records";
import { usePupil } from "../frame/who";
import { Differs } from "../timetable/differs";
import { markId, presenceId } from "./page";

type Shared = { arrived: ReadonlySet<string> };

export function Day({ day, today, remarks, ...shared }: { day: DiaryDay; today: string; remarks: readonly Remark[] } & Shared) {
  const { t } = useTranslation();
  const now = day.on === today;
  return (
    <section className={now ? "day now" : "day"} aria-labelledby={`day-${day.on}`}>
      <h2 id={`day-${day.on}`}>
        {longWeekday(day.on)} <span className="soft">{dayAndMonth(day.on)}</span>
        {now && <span className="today-word">{t("week.today")}</span>}
      </h2>
      {day.holiday !== null && <p className="holiday">{day.holiday}</p>}
      {remarks.length > 0 && (
        <ul className="day-remarks">
          {remarks.map((one) => (
            <li key={one.remark_id}>
              <KindOf kind={one.kind} /> <span className="soft small">{[one.subject, one.author_name].filter(Boolean).join(" · ")}</span>
              <p className="said-words">{one.text}</p>
            </li>
          ))}
        </ul>
      )}
      <ol>
        {day.lessons.map((lesson) => (
          <Lesson key={lesson.lesson_id} lesson={lesson} on={day.on} held={day.on <= today} {...shared} />
        ))}
      </ol>
    </section>
  );
}

function Lesson({ lesson, on, held, arrived }: { lesson: DiaryLesson; on: string; held: boolean } & Shared) {
  const { t } = useTranslation();
  const { pupil } = usePupil();
  const { attendance, marks, topic } = lesson;
  const shown = attendance && (attendance.state !== "present" || attendance.was.length > 0) ? attendance : null;
  const about = [lesson.room && t("lesson.room", { room: lesson.room }), !lesson.substituted && lesson.teacher].filter(Boolean).join(" · ");
  return (
    <li className={lesson.cancelled ? "lesson cancelled" : "lesson"}>
      <div className="when">
        <b>{lesson.number}</b>
        <span className="soft small">{lesson.starts}</span>
        <span className="soft small ends">{lesson.ends}</span>
      </div>
      <div className="what">
        <h3>{lesson.subject}</h3>
        {topic && <p>{topic}</p>}
        {lesson.homework.map((task) => (
          <TaskWords key={task.lesson_id} task={task} />
        ))}
        {about && <p className="soft small">{about}</p>}
        <Differs lesson={{ ...lesson, on }} teacher={lesson.teacher ?? ""} insteadOf={lesson.instead_of ?? ""} />
        {shown && <PresenceChip presence={shown} arrived={arrived.has(presenceId(lesson.lesson_id, shown))} />}
        {held && <TalkButton beside={{ about: "lesson", object_id: lesson.lesson_id, pupil_id: pupil, group_id: lesson.group_id, on }} />}
      </div>
      {marks.length > 0 && (
        <div className="given">
          {marks.map((mark) => (
            <MarkChip key={mark.work_id} mark={mark} pupil={pupil} arrived={arrived.has(markId(mark))} />
          ))}
        </div>
      )}
    </li>
  );
}
