import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import * as grades from "../api/grades";
import { isProblem, type Problem } from "../api/problem";
import type { SubjectMarks } from "../api/reporting";
import { Field } from "../frame/field";
import { useNames } from "../frame/names";
import { announce } from "../frame/status";
import { isTeacher, useMe, usePupil } from "../frame/who";
import { showAverage } from "./values";

/** The wished averages of the pupil in the address, by subject. */
export function useTargets(): ReadonlyMap<string, grades.Target> {
  const { pupil } = usePupil();
  const query = useQuery({ queryKey: ["targets", pupil], queryFn: () => grades.targets(pupil), staleTime: 300_000 });
  return new Map(query.data?.targets.map((one) => [one.subject, one]));
}

/** The average wished for in a subject beside the one that is, and the form to wish for it. */
export function TargetLine({ subject, target }: { subject: SubjectMarks; target: grades.Target | undefined }) {
  const { t } = useTranslation();
  const me = useMe();
  const { pupil } = usePupil();
  const [open, setOpen] = useState(false);
  const name = useNames([target?.by ?? null]);
  const may = me.person_id === pupil || me.children.some((child) => child.person_id === pupil) || isTeacher(me);
  if ((subject.scale !== "five" && subject.scale !== "hundred") || (!target && !may)) return null;
  return (
    <div className="target">
      {target && (
        <p>
          {t("target.is", { value: showAverage(target.value) })} <Gap average={subject.average} target={target.value} />{" "}
          <span className="soft small">{t("target.by", { name: name(target.by) })}</span>
        </p>
      )}
      {may && !open && (
        <button type="button" className="link unprinted" onClick={() => setOpen(true)}>
          {t(target ? "target.change" : "target.set")}
        </button>
      )}
      {open && <Form subject={subject.subject} target={target} done={() => setOpen(false)} />}
    </div>
  );
}

/** How far the average is from the target; in words, not by colour. */
export function Gap({ average, target }: { average: string | null; target: string }) {
  const { t } = useTranslation();
  if (average === null) return null;
  const left = Number(target) - Number(average);
  if (left <= 0) return <b className="target-reached">{t("target.reached")}</b>;
  return <b className="change">{t("target.left", { gap: showAverage(left.toFixed(2)) })}</b>;
}

function Form({ subject, target, done }: { subject: string; target: grades.Target | undefined; done: () => void }) {
  const { t } = useTranslation();
  const { pupil } = usePupil();
  const queries = useQueryClient();
  const [value, setValue] = useState(target ? showAverage(target.value) : "");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function save(event: FormEvent | null, wanted: string) {
    event?.preventDefault();
    setBusy(true);
    try {
      await grades.setTarget(pupil, subject, wanted);
      await queries.invalidateQueries({ queryKey: ["targets", pupil] });
      announce(t("target.saved"));
      done();
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <form className="line target-form" onSubmit={(event) => void save(event, value)} noValidate>
      <Field label={t("target.label")} error={problem && (problem.errors[0]?.detail ?? (problem.detail || t("state.offlineText")))}>
        {(props) => (
          <input
            {...props}
            className="input goal"
            inputMode="decimal"
            autoFocus
            value={value}
            maxLength={6}
            onChange={(event) => {
              setValue(event.target.value);
              setProblem(null);
            }}
          />
        )}
      </Field>
      <button type="submit" className="button main" disabled={busy || value.trim() === ""}>
        {t("work.save")}
      </button>
      {target && (
        <button type="button" className="button" disabled={busy} onClick={() => void save(null, "")}>
          {t("target.remove")}
        </button>
      )}
      <button type="button" className="button plain" onClick={done}>
        {t("work.cancel")}
      </button>
    </form>
  );
}
