import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type FocusEvent } from "react";
import { useTranslation } from "react-i18next";
import * as lessons from "../api/lessons";
import { isProblem, type Problem } from "../api/problem";
import { addDays, dayAndMonth, shortWeekday } from "../calendar";
import { Field } from "../frame/field";
import { announce } from "../frame/status";
import { useDraft } from "../messages/draft";
import "./homework.css";
import { Written } from "./task";

/** What is being typed. `due`: day and number of a lesson, or nothing for the next; `none`: nothing is to be done. */
type Draft = { task: string; minutes: string; due: string; none: boolean };
type Props = { place: lessons.Place; lesson: lessons.Lesson };

const AHEAD = 45; // days in which lessons are offered
const MOST = 240; // minutes
const MUCH = "lessons.much-homework";

const placeOf = (lesson: lessons.Lesson) => lesson.moved_from ?? lesson;
const keyOf = ({ on, number }: { on: string; number: number }) => `${on} ${String(number).padStart(2, "0")}`;

function asSaid({ homework }: lessons.Lesson): Draft {
  if (!homework) return { task: "", minutes: "", due: "", none: false };
  const { task, minutes, due_on, due_number } = homework;
  const due = due_on === null || due_number === null ? "" : keyOf({ on: due_on, number: due_number });
  return { task: task ?? "", minutes: minutes === null ? "" : String(minutes), due, none: task === null };
}

/** What is to be done after the lesson; saved when its fields are left. Until then it is kept with every key press. */
export function HomeworkForm({ place, lesson }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const known = asSaid(lesson);
  const draft = useDraft<Draft | null>(`homework/${lesson.lesson_id}`, null);
  const said = draft.value ?? known;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [wrong, setWrong] = useState(false);
  const { group_id: group, on } = place;
  const next = useQuery({
    queryKey: ["week", { group_id: group }, on, addDays(on, AHEAD)],
    queryFn: () => lessons.week({ group_id: group }, on, addDays(on, AHEAD)),
  });
  const later = (next.data?.lessons ?? [])
    .filter((one) => !one.cancelled && keyOf(placeOf(one)) > keyOf(place))
    .sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
  const much = problem?.errors.some((error) => error.code === MUCH) ?? false;

  function change(part: Partial<Draft>) {
    draft.set({ ...said, ...part });
    setProblem(null);
    setWrong(false);
  }

  async function save(wanted: Draft, confirmed = false) {
    const minutes = wanted.minutes.trim();
    if (!wanted.none && wanted.task.trim() === "" && known.task === "") return; // nothing is said yet
    if (!wanted.none && minutes !== "" && !(/^\d{1,3}$/.test(minutes) && Number(minutes) >= 1 && Number(minutes) <= MOST)) return setWrong(true);
    const [day, place_] = wanted.due.split(" ");
    const due = day && place_ ? { on: day, number: Number(place_) } : null;
    const body = wanted.none ? { task: null } : { task: wanted.task, minutes: minutes === "" ? null : Number(minutes), due, confirmed };
    try {
      await lessons.setHomework(place, body);
      setProblem(null);
      announce(t("save.saved"));
      await Promise.all(["week", "lessons-given"].map((name) => queries.invalidateQueries({ queryKey: [name] })));
      await draft.reset(null);
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    }
  }

  function left(event: FocusEvent) {
    if (draft.value && !form.current?.contains(event.relatedTarget)) void save(draft.value);
  }

  const elsewhere = problem && !["/task", "/minutes", "/due"].some((field) => problem.at(field));
  return (
    <form
      ref={form}
      className="homework"
      aria-label={t("homework.title")}
      noValidate
      onBlur={left}
      onSubmit={(event) => {
        event.preventDefault();
        void save(said);
      }}
    >
      {!said.none && (
        <>
          <Field label={t("homework.title")} error={problem?.at("/task")}>
            {(props) => (
              <textarea
                {...props}
                rows={Math.min(6, Math.max(2, said.task.split("\n").length))}
                maxLength={4000}
                value={said.task}
                onChange={(event) => change({ task: event.target.value })}
                onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && void save(said)}
              />
            )}
          </Field>
          <div className="homework-when">
            <Field label={t("homework.due")} error={problem?.at("/due")}>
              {(props) => (
                <select {...props} value={said.due} onChange={(event) => change({ due: event.target.value })}>
                  <option value="">{later[0] ? t("homework.next", { day: nameOf(later[0].on) }) : t("homework.nextLesson")}</option>
                  {said.due !== "" && !later.some((one) => keyOf(placeOf(one)) === said.due) && (
                    <option value={said.due}>{dayAndMonth(said.due.split(" ")[0] ?? "")}</option>
                  )}
                  {later.map((one) => (
                    <option key={one.lesson_id} value={keyOf(placeOf(one))}>
                      {t("homework.by", { day: nameOf(one.on), number: one.number })}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Field label={t("homework.minutes")} error={wrong ? t("homework.minutesWrong") : problem?.at("/minutes")}>
              {(props) => (
                <input {...props} className="input short" inputMode="numeric" maxLength={3} value={said.minutes} onChange={(event) => change({ minutes: event.target.value })} />
              )}
            </Field>
          </div>
        </>
      )}
      {much && (
        <button type="button" className="button main" onClick={() => void save(said, true)}>
          {t("homework.anyway")}
        </button>
      )}
      {elsewhere && (
        <p className="field-error" role="alert">
          {problem.status === 0 ? t("messages.keptOffline") : (problem.errors[0]?.detail ?? problem.detail)}
        </p>
      )}
      <div className="line">
        <label className="tick">
          <input
            type="checkbox"
            checked={said.none}
            onChange={(event) => {
              const wanted = { ...said, none: event.target.checked };
              change({ none: wanted.none });
              if (wanted.none) void save(wanted);
            }}
          />
          {t("homework.nothingSet")}
        </label>
        {lesson.homework?.task && draft.value === null && <Written task={lesson.homework} />}
      </div>
    </form>
  );
}

const nameOf = (day: string) => `${shortWeekday(day)}, ${dayAndMonth(day)}`;
