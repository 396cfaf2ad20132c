import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import * as attendance from "../api/attendance";
import * as lessons from "../api/lessons";
import { isProblem, problemOf, type Problem } from "../api/problem";
import { isDay } from "../calendar";
import { Field } from "../frame/field";
import { announce } from "../frame/status";
import { paperOf, type Unfit } from "./paper";
import { REASONS, sayReason } from "./said";

type Props = { pupil: string; today: string; /** What it takes the place of. */ from?: attendance.Absence; done: () => void };

/** A family says that the child will be away, or why it was. What is typed stays until it is accepted. */
export function AbsenceForm({ pupil, today, from, done }: Props) {
  const { t } = useTranslation();
  const [id] = useState(() => crypto.randomUUID());
  const [first, setFirst] = useState(from?.first ?? today);
  const [last, setLast] = useState(from?.last ?? today);
  const [only, setOnly] = useState<readonly number[]>(from?.lessons ?? []);
  const [reason, setReason] = useState<string>(from?.reason ?? REASONS[0]);
  const [words, setWords] = useState(from?.words ?? "");
  const [paper, setPaper] = useState<attendance.Paper | null>(null);
  const [unfit, setUnfit] = useState<Unfit | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function send(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      const shown = paper ?? (from?.paper ? await paperAgain(from) : null);
      await attendance.announce({ absence_id: id, pupil_id: pupil, first, last, lessons: first === last ? [...only] : [], reason, words, ...(shown ? { paper: shown } : {}) });
      if (from) await attendance.withdrawAbsence(from.absence_id); // only when the new one stands
      announce(t("absence.sent"));
      done();
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  const at = (pointer: string) => problem?.at(pointer);
  const elsewhere = problem && !["/first", "/last", "/lessons", "/reason", "/words", "/paper"].some((pointer) => problem.at(pointer));
  return (
    <form className="stack absence-form" onChange={() => setProblem(null)} onSubmit={(event) => void send(event)} noValidate>
      <div className="pair">
        <Field label={t("absence.first")} error={at("/first")}>
          {(props) => (
            <input
              {...props}
              type="date"
              value={first}
              onChange={(event) => {
                const day = event.target.value;
                if (!isDay(day)) return;
                setFirst(day);
                if (last < day) setLast(day);
                setOnly([]);
              }}
            />
          )}
        </Field>
        <Field label={t("absence.last")} error={at("/last")}>
          {(props) => <input {...props} type="date" value={last} onChange={(event) => isDay(event.target.value) && setLast(event.target.value)} />}
        </Field>
      </div>
      {first === last && <Lessons pupil={pupil} on={first} only={only} setOnly={setOnly} error={at("/lessons")} />}
      <Field label={t("absence.reason")} error={at("/reason")}>
        {(props) => (
          <select {...props} value={reason} onChange={(event) => setReason(event.target.value)}>
            {REASONS.map((one) => (
              <option key={one} value={one}>
                {sayReason(one)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t("absence.words")} hint={t("absence.wordsHint")} error={at("/words")}>
        {(props) => <textarea {...props} maxLength={1000} value={words} onChange={(event) => setWords(event.target.value)} />}
      </Field>
      <Field label={t("absence.attach")} hint={t(from?.paper ? "absence.attachStays" : "absence.attachHint")} error={unfit ? t(`absence.paper-${unfit}`) : at("/paper")}>
        {(props) => (
          <input
            {...props}
            type="file"
            accept="image/*,application/pdf"
            onChange={(event) => {
              const file = event.target.files?.[0];
              setPaper(null);
              setUnfit(null);
              if (!file) return;
              void paperOf(file).then((found) => (typeof found === "string" ? setUnfit(found) : setPaper(found)));
            }}
          />
        )}
      </Field>
      {elsewhere && (
        <p className="field-error" role="alert">
          {problem.detail || t("state.offlineText")}
        </p>
      )}
      <div className="line">
        <button type="submit" className="button main" disabled={busy || unfit !== null}>
          {t(from ? "work.save" : "absence.send")}
        </button>
        <button type="button" className="button" onClick={done}>
          {t("absence.cancel")}
        </button>
      </div>
    </form>
  );
}

/** The paper of an earlier word, for the one that takes its place. */
async function paperAgain({ absence_id, paper }: attendance.Absence): Promise<attendance.Paper | null> {
  const answer = await fetch(attendance.paperFile(absence_id));
  if (!answer.ok) throw await problemOf(answer);
  const found = await paperOf(new File([await answer.blob()], "", { type: paper ?? "" }));
  return typeof found === "string" ? null : found;
}

type LessonsProps = { pupil: string; on: string; only: readonly number[]; setOnly: (only: readonly number[]) => void; error: string | null | undefined };

/** Which lessons of the day; none ticked: the whole day. */
function Lessons({ pupil, on, only, setOnly, error }: LessonsProps) {
  const { t } = useTranslation();
  const day = useQuery({ queryKey: ["week", { pupil_id: pupil }, on, on], queryFn: () => lessons.week({ pupil_id: pupil }, on, on) });
  const held = (day.data?.lessons ?? []).filter((lesson) => !lesson.cancelled);
  if (day.isPending || held.length === 0) return null;
  return (
    <fieldset>
      <legend className="soft small">{t("absence.which")}</legend>
      {held.map((lesson) => (
        <div key={lesson.lesson_id}>
          <label className="tick">
            <input
              type="checkbox"
              checked={only.includes(lesson.number)}
              onChange={(event) => setOnly(event.target.checked ? [...only, lesson.number] : only.filter((one) => one !== lesson.number))}
            />
            {lesson.number}. {lesson.subject}
          </label>
        </div>
      ))}
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
