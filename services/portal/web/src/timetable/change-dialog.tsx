import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import * as lessons from "../api/lessons";
import { isProblem, type Problem } from "../api/problem";
import * as roster from "../api/roster";
import { dayAndMonth, isDay } from "../calendar";
import { Field } from "../frame/field";
import { useNames } from "../frame/names";
import { announce } from "../frame/status";
import { runs, useMe } from "../frame/who";
import "../settings/settings.css";

type Kind = "substitution" | "move" | "room" | "cancellation" | "restoration";
const STALE = ["week", "pupil", "lessons-given"];
const NUMBERS = Array.from({ length: 13 }, (_, n) => n);

/** Whether this person may change the lesson: the school's office, its teacher and who stands in. */
export const mayChange = (me: roster.Me, lesson: lessons.Lesson) =>
  runs(me, lesson.school_id) || lesson.teacher_id === me.person_id || lesson.instead_of === me.person_id;

/** Another teacher, time or room for one lesson, its cancellation, or back to the timetable. What was typed stays when it is refused. */
export function ChangeDialog({ lesson, done }: { lesson: lessons.Lesson; done: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const office = runs(me, lesson.school_id);
  const changed = lesson.cancelled || lesson.substituted || lesson.moved_from !== null;
  const kinds: Kind[] = [
    ...(lesson.cancelled ? [] : [...(office ? ["substitution" as const] : []), "move" as const, "room" as const, "cancellation" as const]),
    ...(changed && (office || !lesson.substituted) ? ["restoration" as const] : []),
  ];
  const [kind, setKind] = useState<Kind>(kinds[0] ?? "restoration");
  const [teacher, setTeacher] = useState("");
  const [to, setTo] = useState({ on: lesson.on, number: lesson.number });
  const [room, setRoom] = useState("");
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [missing, setMissing] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);

  async function save(event: FormEvent) {
    event.preventDefault();
    const lacks = kind === "substitution" && !teacher ? "teacher" : kind === "room" && !room.trim() ? "room" : kind === "move" && !isDay(to.on) ? "day" : "";
    setMissing(lacks);
    if (lacks) return;
    setBusy(true);
    try {
      if (kind === "substitution") await lessons.substitute(lesson, teacher);
      else if (kind === "move") await lessons.move(lesson, to.on, to.number, room.trim());
      else if (kind === "room") await lessons.move(lesson, lesson.on, lesson.number, room.trim());
      else if (kind === "cancellation") await lessons.cancel(lesson, reason.trim());
      else await lessons.restore(lesson);
      announce(t("change.saved"));
      for (const key of STALE) await queries.invalidateQueries({ queryKey: [key] });
      dialog.current?.close();
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  function chosen(id: string) {
    setTeacher(id);
    setMissing("");
    setProblem(null);
  }

  const at = (pointer: string) => problem?.at(pointer);
  const named = ["/teacher_id", "/to_date", "/to_number", "/room", "/reason"].some(at);
  return (
    <dialog ref={dialog} aria-labelledby="change-title" onClose={done}>
      <form className="stack" onSubmit={(event) => void save(event)} noValidate>
        <div>
          <h2 id="change-title">{lesson.title}</h2>
          <p className="soft">{t("journal.lessonOf", { day: dayAndMonth(lesson.on), number: lesson.number })}</p>
        </div>
        <fieldset className="choices">
          <legend className="unseen">{t("change.what")}</legend>
          {kinds.map((one) => (
            <label key={one} className="tick">
              <input
                type="radio"
                name="change"
                checked={kind === one}
                onChange={() => {
                  setKind(one);
                  setProblem(null);
                  setMissing("");
                }}
              />
              {t(`change.kind.${one}`)}
            </label>
          ))}
        </fieldset>
        {kind === "substitution" && (
          <Substitutes lesson={lesson} chosen={teacher} choose={chosen} error={missing === "teacher" ? t("change.teacherMissing") : at("/teacher_id")} />
        )}
        {kind === "move" && (
          <div className="pair">
            <Field label={t("change.day")} error={missing === "day" ? t("change.dayMissing") : at("/to_date")}>
              {(props) => <input {...props} type="date" value={to.on} onChange={(event) => setTo({ ...to, on: event.target.value })} />}
            </Field>
            <Field label={t("change.number")} error={at("/to_number")}>
              {(props) => (
                <select {...props} value={to.number} onChange={(event) => setTo({ ...to, number: Number(event.target.value) })}>
                  {NUMBERS.map((n) => (
                    <option key={n}>{n}</option>
                  ))}
                </select>
              )}
            </Field>
          </div>
        )}
        {(kind === "move" || kind === "room") && (
          <Field label={t(kind === "move" ? "change.roomToo" : "change.room")} error={missing === "room" ? t("change.roomMissing") : at("/room")}>
            {(props) => <input {...props} value={room} maxLength={60} placeholder={lesson.room ?? ""} onChange={(event) => setRoom(event.target.value)} />}
          </Field>
        )}
        {kind === "cancellation" && (
          <Field label={t("change.reason")} hint={t("change.reasonHint")} error={at("/reason")}>
            {(props) => <input {...props} value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} />}
          </Field>
        )}
        {kind === "restoration" && <p>{t("change.restoreText")}</p>}
        {problem && !named && (
          <p className="field-error" role="alert">
            {problem.status === 0 ? t("state.offlineText") : (problem.errors[0]?.detail ?? problem.detail)}
          </p>
        )}
        <p className="soft small">{t("change.told")}</p>
        <div className="line">
          <button type="submit" className="button main" disabled={busy}>
            {t(`change.do.${kind}`)}
          </button>
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            {t("work.cancel")}
          </button>
        </div>
      </form>
    </dialog>
  );
}

type SubstitutesProps = { lesson: lessons.Lesson; chosen: string; choose: (id: string) => void; error: string | null | undefined };

/** The school's teachers, who is free at that hour first, and among them those of the subject. */
function Substitutes({ lesson, chosen, choose, error }: SubstitutesProps) {
  const { t } = useTranslation();
  const { on, number, school_id: school } = lesson;
  const groups = useQuery({ queryKey: ["groups", "all"], queryFn: () => roster.groups(false), staleTime: 300_000 });
  const day = useQuery({ queryKey: ["week", { school_id: school }, on, on], queryFn: () => lessons.week({ school_id: school }, on, on) });
  const own = (groups.data ?? []).filter((g) => g.school_id === school && g.starts <= on && on <= g.ends);
  const subject = new Set(own.filter((g) => g.subject === lesson.subject).flatMap((g) => g.teachers));
  const busy = new Set((day.data?.lessons ?? []).filter((one) => one.number === number && !one.cancelled).map((one) => one.teacher_id));
  const all = [...new Set(own.flatMap((g) => g.teachers))].filter((id) => id !== lesson.teacher_id);
  const name = useNames(all);
  const sorted = [...all].sort((a, b) => name(a).localeCompare(name(b)));
  const parts = [
    { key: "same", people: sorted.filter((id) => !busy.has(id) && subject.has(id)) },
    { key: "free", people: sorted.filter((id) => !busy.has(id) && !subject.has(id)) },
    { key: "busy", people: sorted.filter((id) => busy.has(id)) },
  ];
  return (
    <Field label={t("change.teacher")} error={error} hint={busy.has(chosen) ? t("change.busyHint") : ""}>
      {(props) => (
        <select {...props} value={chosen} onChange={(event) => choose(event.target.value)} aria-busy={day.isPending || groups.isPending}>
          <option value="">{t("change.choose")}</option>
          {parts
            .filter((part) => part.people.length > 0)
            .map((part) => (
              <optgroup key={part.key} label={t(`change.people.${part.key}`, { subject: lesson.subject })}>
                {part.people.map((id) => (
                  <option key={id} value={id}>
                    {name(id)}
                  </option>
                ))}
              </optgroup>
            ))}
        </select>
      )}
    </Field>
  );
}
