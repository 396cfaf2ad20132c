import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import * as grades from "../api/grades";
import { isProblem, type Problem } from "../api/problem";
import { dayAndMonth } from "../calendar";
import { Field } from "../frame/field";
import { announce } from "../frame/status";
import type { SaveQueue } from "../saving/queue";
import { History } from "../history/history";
import { kindName } from "../marks/values";
import type { Column } from "./columns";
import { Criteria, Fixed, readRows, type Row } from "./criteria";
import { Parallel } from "./parallel";
import { Publication } from "./publication";

type Opened = Pick<grades.Work, "work_id" | "kind" | "weight" | "title" | "criteria" | "draft">;
type Props = { group: string; column: Column; rule: grades.Rule; queue: SaveQueue; /** Without a line the work is kept here until it is sent. */ keep: (work: Opened) => Promise<void>; another: () => void; done: (work: string | null, criteria: grades.Criterion[], draft: boolean) => void };
/** What the teacher may mean all the same. */
const ASKED = ["grades.same-kind-in-lesson", "grades.day-has-test"];

/** Opens a work at a lesson, or changes one. What was typed stays typed when the service refuses. */
export function WorkDialog({ group, column, rule, queue, keep, another, done }: Props) {
  const { t } = useTranslation();
  const { work } = column;
  const queries = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const [id] = useState(() => work?.work_id ?? crypto.randomUUID());
  const [kind, setKind] = useState(work?.kind ?? rule.kinds[0]?.kind ?? "");
  const [weight, setWeight] = useState((work?.weight ?? weightOf(rule, kind)).replace(".", ","));
  const [title, setTitle] = useState(work?.title ?? "");
  const [criteria, setCriteria] = useState<Row[]>([]);
  const [draft, setDraft] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [history, setHistory] = useState(false);
  const [parallel, setParallel] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);

  async function attempt(act: () => Promise<unknown>, said: string, result: string | null) {
    setBusy(true);
    setProblem(null);
    try {
      await act();
      await queries.invalidateQueries({ queryKey: ["journal", group] });
      announce(said);
      done(result, readRows(criteria), draft);
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
      setBusy(false);
    }
  }

  function save(event: FormEvent, confirmed = false) {
    event.preventDefault();
    const words = { kind, weight: weight.trim().replace(",", "."), title: title.trim() || null, confirmed };
    const place = { work_id: id, group_id: group, ...column.known };
    const by = criteria.length > 0 ? { criteria: readRows(criteria) } : {};
    const opening = { ...place, ...words, ...by, ...(draft ? { draft } : {}) };
    void attempt(() => (work ? grades.changeWork(id, words) : open(opening)), t("work.saved"), id);
  }

  /** Without a line it is kept and sent before its marks, as it was meant: nobody can be asked about it any more. */
  async function open(opening: grades.NewWork) {
    try {
      await grades.openWork(opening);
    } catch (error) {
      if (!isProblem(error) || error.status !== 0) throw error;
      const { weight, title } = opening;
      await keep({ work_id: id, kind, weight, title, criteria: opening.criteria ?? [], draft });
      await queue.ask(`marks/${id}`, grades.openingOf({ ...opening, confirmed: true }));
      announce(t("offline.opened"));
    }
  }

  const same = problem !== null && [problem.code, ...problem.errors.map((e) => e.code)].some((code) => ASKED.includes(code));
  return (
    <dialog ref={dialog} aria-labelledby="work-title" onClose={() => done(null, [], false)} onKeyDown={(e) => e.stopPropagation()}>
      <form className="stack" onSubmit={save} noValidate>
        <div>
          <h2 id="work-title">{work ? t("work.change") : t("work.add")}</h2>
          <p className="soft">
            {t("journal.lessonOf", { day: dayAndMonth(column.on), number: column.number })}
            {column.lesson?.topic && ` · ${column.lesson.topic}`}
          </p>
        </div>
        <Field label={t("mark.kind")} error={problem?.at("/kind")}>
          {(props) => (
            <select
              {...props}
              value={kind}
              autoFocus
              onChange={(event) => {
                setKind(event.target.value);
                setWeight(weightOf(rule, event.target.value).replace(".", ","));
              }}
            >
              {rule.kinds.map((k) => (
                <option key={k.kind} value={k.kind}>
                  {kindName(k.kind)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t("mark.weight")} hint={t("work.weightHint")} error={problem?.at("/weight")}>
          {(props) => <input {...props} inputMode="decimal" value={weight} onChange={(event) => setWeight(event.target.value)} />}
        </Field>
        <Field label={t("work.title")} hint={t("work.titleHint")} error={problem?.at("/title")}>
          {(props) => <input {...props} value={title} maxLength={120} onChange={(event) => setTitle(event.target.value)} />}
        </Field>
        {work ? <Fixed criteria={work.criteria ?? []} /> : <Criteria rows={criteria} change={setCriteria} problem={problem} />}
        {!work && (
          <label className="tick">
            <input type="checkbox" checked={draft} onChange={(event) => setDraft(event.target.checked)} />
            {t("work.asDraft")}
          </label>
        )}
        {work?.draft && <Publication work={work} busy={busy} problem={problem} attempt={attempt} />}
        {problem && !["/weight", "/title", "/kind", "/criteria", "/at"].some((field) => problem.at(field)) && (
          <p className="field-error" role="alert">
            {problem.status === 0 ? t("state.offlineText") : (problem.errors[0]?.detail ?? problem.detail)}
          </p>
        )}
        <div className="line">
          {same ? (
            <button type="button" className="button main" disabled={busy} onClick={(event) => save(event, true)}>
              {t("work.anyway")}
            </button>
          ) : (
            <button type="submit" className="button main" disabled={busy}>
              {work ? t("work.save") : t("journal.add")}
            </button>
          )}
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            {t("work.cancel")}
          </button>
        </div>
        {work && (
          <div className="line dialog-more">
            <button type="button" className="button plain" onClick={another}>
              {t("work.another")}
            </button>
            <button type="button" className="button plain" aria-expanded={history} onClick={() => setHistory(!history)}>
              {t("history.title")}
            </button>
            <button type="button" className="button plain" aria-expanded={parallel} onClick={() => setParallel(!parallel)}>
              {t("parallel.title")}
            </button>
            <button
              type="button"
              className="button plain"
              disabled={busy}
              onClick={() => void attempt(() => grades.removeWork(id), t("work.removed"), null)}
            >
              {t("work.remove")}
            </button>
          </div>
        )}
        {work && parallel && <Parallel group={group} on={column.on} work={work} />}
      </form>
      {history && <History object={id} />}
    </dialog>
  );
}

const weightOf = (rule: grades.Rule, kind: string) => rule.kinds.find((k) => k.kind === kind)?.weight ?? "1";
