import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import * as api from "../api/homework";
import { dayAndMonth, longWeekday } from "../calendar";
import { Field } from "../frame/field";
import { useWeek, WeekSwitch } from "../frame/period";
import { PupilHead } from "../frame/pupil-head";
import { Empty, Loaded } from "../frame/states";
import { usePupil } from "../frame/who";
import "../diary/diary.css";
import "./homework.css";
import { isAfter, TaskWords, Written } from "./task";

/** What a pupil has to do by each day of a week, of all subjects or of one. */
export function HomeworkPage() {
  const { t } = useTranslation();
  const { pupil, today } = usePupil();
  const { first, last, go } = useWeek(today);
  const query = useQuery({ queryKey: ["pupil", pupil, "homework", first, last], queryFn: () => api.homework(pupil, first, last) });
  return (
    <>
      <PupilHead title={t("tab.homework")}>
        <WeekSwitch first={first} today={today} go={go} />
      </PupilHead>
      <div className="homework-page">
        <Loaded query={query}>{({ homework }) => <Tasks all={homework} today={today} />}</Loaded>
      </div>
    </>
  );
}

function Tasks({ all, today }: { all: api.TaskDue[]; today: string }) {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  if (all.length === 0) return <Empty title={t("homework.nothing")} text={t("diary.nothingText")} />;
  const subjects = [...new Set(all.map((one) => one.subject))].sort((a, b) => a.localeCompare(b));
  const wanted = search.get("subject") ?? "";
  const shown = all.filter((one) => wanted === "" || one.subject === wanted);
  const days = [...new Set(shown.map((one) => one.due_on))];
  const choose = (subject: string) =>
    setSearch((old) => {
      if (subject) old.set("subject", subject);
      else old.delete("subject");
      return old;
    });
  return (
    <>
      <Field label={t("homework.subject")}>
        {(props) => (
          <select {...props} value={wanted} onChange={(event) => choose(event.target.value)}>
            <option value="">{t("homework.all")}</option>
            {wanted !== "" && !subjects.includes(wanted) && <option value={wanted}>{wanted}</option>}
            {subjects.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        )}
      </Field>
      {days.length === 0 && <p className="soft">{t("homework.nothing")}</p>}
      {days.map((day) => (
        <Day key={day} day={day} today={today} tasks={shown.filter((one) => one.due_on === day)} />
      ))}
    </>
  );
}

function Day({ day, today, tasks }: { day: string; today: string; tasks: api.TaskDue[] }) {
  const { t } = useTranslation();
  const minutes = tasks.reduce((sum, one) => sum + (one.minutes ?? 0), 0);
  return (
    <section className={day === today ? "day now" : "day"} aria-labelledby={`homework-${day}`}>
      <h2 id={`homework-${day}`}>
        {longWeekday(day)} <span className="soft">{dayAndMonth(day)}</span>
        {minutes > 0 && <span className="soft homework-whole">{t("homework.whole", { count: minutes })}</span>}
      </h2>
      <ol>
        {tasks.map((one) => (
          <li key={one.lesson_id}>
            <h3>{one.subject}</h3>
            <TaskWords task={one} />
            <p className="soft small">{t("homework.from", { day: dayAndMonth(one.set_on), name: one.by_name ?? "—" })}</p>
            {isAfter(one) && <Written task={one} />}
          </li>
        ))}
      </ol>
    </section>
  );
}
