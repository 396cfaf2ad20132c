import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import * as lessons from "../api/lessons";
import { isProblem, type Problem } from "../api/problem";
import * as records from "../api/records";
import { isDay } from "../calendar";
import { Field } from "../frame/field";
import { announce } from "../frame/status";
import { useDraft } from "../messages/draft";
import "../settings/settings.css";

type Draft = { id: string; key: string; kind: records.Kind; on: string; group: string; text: string; shown: boolean };

/** What is typed stays in this browser until the service has it. */
export function RemarkForm({ pupil, today, done }: { pupil: string; today: string; done: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [empty] = useState<Draft>(() => ({ id: crypto.randomUUID(), key: crypto.randomUUID(), kind: "praise", on: today, group: "", text: "", shown: true }));
  const draft = useDraft<Draft>(`remark ${pupil}`, empty);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const { id, key, kind, on, group, text, shown } = draft.value;

  function change(next: Partial<Draft>) {
    setProblem(null);
    draft.set({ ...draft.value, ...next, key: crypto.randomUUID() });
  }

  async function send(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await records.makeRemark({ remark_id: id, pupil_id: pupil, kind, on, text, shown, ...(group ? { group_id: group } : {}) }, key);
      await draft.reset(empty);
      announce(t(shown ? "behaviour.told" : "behaviour.kept"));
      await queries.invalidateQueries({ queryKey: ["remarks"] });
      done();
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  const at = (pointer: string) => problem?.at(pointer);
  return (
    <form className="stack" onSubmit={(event) => void send(event)} noValidate>
      <fieldset className="choices">
        <legend className="unseen">{t("behaviour.kindOf")}</legend>
        {records.KINDS.map((one) => (
          <label key={one} className="tick">
            <input type="radio" name="kind" checked={kind === one} onChange={() => change({ kind: one })} />
            {t(`behaviour.kind.${one}`)}
          </label>
        ))}
      </fieldset>
      <div className="pair">
        <Field label={t("behaviour.on")} error={at("/on")}>
          {(props) => <input {...props} type="date" value={on} max={today} onChange={(event) => isDay(event.target.value) && change({ on: event.target.value, group: "" })} />}
        </Field>
        <LessonOf pupil={pupil} on={on} group={group} choose={(next) => change({ group: next })} error={at("/group_id")} />
      </div>
      <Field label={t("behaviour.text")} error={at("/text")}>
        {(props) => <textarea {...props} rows={3} value={text} onChange={(event) => change({ text: event.target.value })} />}
      </Field>
      <fieldset className="choices">
        <legend className="unseen">{t("behaviour.whoReads")}</legend>
        <label className="tick">
          <input type="radio" name="shown" checked={shown} onChange={() => change({ shown: true })} />
          {t("behaviour.atOnce")}
        </label>
        <label className="tick">
          <input type="radio" name="shown" checked={!shown} onChange={() => change({ shown: false })} />
          {t("behaviour.byTutor")}
        </label>
      </fieldset>
      {problem && !["/on", "/group_id", "/text"].some((pointer) => problem.at(pointer)) && (
        <p className="field-error" role="alert">
          {problem.detail || t("messages.keptOffline")}
        </p>
      )}
      <div className="line">
        <button type="submit" className="button main" disabled={busy}>
          {t("behaviour.save")}
        </button>
        <button type="button" className="button" onClick={done}>
          {t("absence.cancel")}
        </button>
      </div>
    </form>
  );
}

type LessonProps = { pupil: string; on: string; group: string; choose: (group: string) => void; error: string | null | undefined };

/** In which of the pupil's lessons of the day it was, if in one. */
function LessonOf({ pupil, on, group, choose, error }: LessonProps) {
  const { t } = useTranslation();
  const day = useQuery({ queryKey: ["week", { pupil_id: pupil }, on, on], queryFn: () => lessons.week({ pupil_id: pupil }, on, on) });
  const held = (day.data?.lessons ?? []).filter((lesson) => !lesson.cancelled);
  return (
    <Field label={t("behaviour.lesson")} error={error}>
      {(props) => (
        <select {...props} value={group} onChange={(event) => choose(event.target.value)}>
          <option value="">{t("behaviour.noLesson")}</option>
          {held.map((lesson) => (
            <option key={lesson.lesson_id} value={lesson.group_id}>
              {lesson.number}. {lesson.subject}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
