import { useTranslation } from "react-i18next";
import type { Task } from "../api/homework";
import { dayAndMonth } from "../calendar";
import { Sign } from "../frame/sign";
import "./homework.css";

type Said = Pick<Task, "written_on" | "written_at" | "late"> & { due_on: string | null };

/** Whether it was written when the day it is due was over: then nobody waits for it any more. */
export const isAfter = ({ due_on, written_on }: Said) => due_on !== null && written_on > due_on;

/** When it was written; if that was late but might still be done, with a sign and the hour (ui.md 26). */
export function Written({ task }: { task: Said }) {
  const { t } = useTranslation();
  const when = { day: dayAndMonth(task.written_on), time: task.written_at };
  const after = isAfter(task);
  if (!task.late || after) return <span className="soft small">{t(after ? "homework.after" : "homework.written", when)}</span>;
  return (
    <span className="homework-late small">
      <Sign kind="missing" /> {t("homework.late", when)}
    </span>
  );
}

/** What is to be done, how long it takes, and whether it came late. */
export function TaskWords({ task }: { task: Task }) {
  const { t } = useTranslation();
  return (
    <div className="homework-task">
      <p className="said-words">
        <b>{t("homework.set")}</b> {task.task}
        {task.minutes !== null && <span className="soft"> · {t("homework.takes", { count: task.minutes })}</span>}
      </p>
      {task.late && !isAfter(task) && <Written task={task} />}
    </div>
  );
}
