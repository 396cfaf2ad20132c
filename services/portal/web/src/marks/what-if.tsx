import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Scale } from "../api/grades";
import type { SubjectMarks } from "../api/reporting";
import { Field } from "../frame/field";
import { showAverage, showValue, showWeight } from "./values";
import { goalOf, hopes, needed, nextGoal, sumOf, termOf, type Term } from "./wanted";
import "./what-if.css";

const shown = (hundredths: number) => showAverage((hundredths / 100).toFixed(2));

/** «Что нужно до …»: how many marks of which kind lead to the wished average, and what a supposed mark would change. */
export function WhatIf({ subject }: { subject: SubjectMarks }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const scale = subject.scale;
  const terms = termsOf(subject);
  if (scale === "pass" || terms.length === 0) return null;
  return (
    <div className="what-if unprinted">
      <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t("whatIf.title")}
      </button>
      {open && <Plan scale={scale} terms={terms} weights={weightsOf(subject)} />}
    </div>
  );
}

function Plan({ scale, terms, weights }: { scale: Scale; terms: Term[]; weights: string[] }) {
  const { t } = useTranslation();
  const now = sumOf(terms)?.average ?? null;
  const [goal, setGoal] = useState(() => nextGoal(now, scale).replace(".", ","));
  const [weight, setWeight] = useState(weights[0] ?? "1");
  const [supposed, setSupposed] = useState<{ value: string; weight: string }[]>([]);
  const wanted = goalOf(goal, scale);
  const more = supposed.map((one) => termOf(one.value, one.weight, scale)).filter((one) => one !== null);
  const then = sumOf([...terms, ...more])?.average ?? null;
  return (
    <div className="stack">
      <div className="line">
        <Field label={t("whatIf.goal")} error={wanted === null ? t(`whatIf.wrong.${scale}`) : undefined}>
          {(props) => <input {...props} className="input goal" inputMode="decimal" value={goal} onChange={(event) => setGoal(event.target.value)} />}
        </Field>
        <Field label={t("whatIf.weight")}>
          {(props) => (
            <select {...props} value={weight} onChange={(event) => setWeight(event.target.value)}>
              {weights.map((one) => (
                <option key={one} value={one}>
                  {showWeight(one)}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {wanted !== null && <Ways scale={scale} terms={[...terms, ...more]} weight={weight} goal={wanted} />}
      <div className="line" role="group" aria-label={t("whatIf.suppose")}>
        <span className="small soft">{t("whatIf.suppose")}</span>
        {hopes(scale).map((value) => (
          <button key={value} type="button" className="mark" onClick={() => setSupposed([...supposed, { value, weight }])}>
            {t("whatIf.add", { value: showValue(value) })}
          </button>
        ))}
      </div>
      {supposed.length > 0 && (
        <div className="line supposed" role="status">
          {supposed.map((one, n) => (
            <button
              key={`${n} ${one.value}`}
              type="button"
              className="mark code"
              title={t("whatIf.remove")}
              onClick={() => setSupposed(supposed.filter((_, other) => other !== n))}
            >
              {showValue(one.value)} <span className="soft small">{showWeight(one.weight)}</span>
              <span className="unseen"> {t("whatIf.remove")}</span>
            </button>
          ))}
          {then !== null && (
            <b>
              {t("whatIf.becomes", { now: now === null ? "–" : shown(now), then: shown(then) })}
            </b>
          )}
        </div>
      )}
    </div>
  );
}

function Ways({ scale, terms, weight, goal }: { scale: Scale; terms: Term[]; weight: string; goal: number }) {
  const { t } = useTranslation();
  const ways = hopes(scale).map((value) => {
    const mark = termOf(value, weight, scale);
    return { value, found: mark && needed(terms, mark, goal) };
  });
  if (ways[0]?.found?.count === 0) return <p>{t("whatIf.reached", { average: shown(ways[0].found.average) })}</p>;
  const possible = ways.filter((way) => way.found);
  if (possible.length === 0) return <p>{t("whatIf.never")}</p>;
  return (
    <ul className="ways">
      {possible.map(({ value, found }) => (
        <li key={value}>{t("whatIf.way", { count: found?.count ?? 0, value: showValue(value), average: shown(found?.average ?? 0) })}</li>
      ))}
    </ul>
  );
}

function termsOf({ marks, scale }: SubjectMarks): Term[] {
  const own = marks.filter((mark) => mark.scale === scale);
  return own.flatMap((mark) => mark.values.map((value) => termOf(value, mark.weight, scale))).filter((term) => term !== null);
}

/** Weights that works of this subject have had, the lightest first. */
function weightsOf({ marks }: SubjectMarks): string[] {
  return [...new Set(marks.map((mark) => mark.weight))].filter((weight) => Number(weight) > 0).sort((a, b) => Number(a) - Number(b));
}
