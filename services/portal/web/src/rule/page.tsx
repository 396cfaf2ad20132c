import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import * as grades from "../api/grades";
import { isProblem, type Problem } from "../api/problem";
import { Loaded, NotYours } from "../frame/states";
import { announce } from "../frame/status";
import { runs, useMe } from "../frame/who";
import { kindName } from "../marks/values";
import "../settings/settings.css";
import "./rule.css";

const KINDS = ["lesson", "classwork", "homework", "quiz", "test", "project", "exam", "dictation", "essay", "lab", "oral"];
const SCALES = ["five", "hundred", "letters", "pass"] as const;
const RETAKES = ["replace", "best", "both"] as const;

/** By what a school marks: the scale, the kinds of work with their weights, what counts after a retake. */
export function RulePage() {
  const { t } = useTranslation();
  const me = useMe();
  const [search] = useSearchParams();
  const mine = me.schools.filter((one) => runs(me, one.school_id));
  const school = mine.find((one) => one.school_id === search.get("school")) ?? mine[0];
  const id = school?.school_id ?? "";
  const query = useQuery({ queryKey: ["rule", id], queryFn: () => grades.rule(id), enabled: school !== undefined });
  if (!school) return <NotYours />;
  return (
    <>
      <title>{t("rule.title")}</title>
      <div className="head">
        <div>
          <p className="soft">{school.name}</p>
          <h1>{t("rule.title")}</h1>
        </div>
      </div>
      <Loaded query={query}>{(rule) => <RuleForm key={`${id} ${rule.rule}`} school={id} rule={rule} />}</Loaded>
    </>
  );
}

type Row = { kind: string; weight: string };

function RuleForm({ school, rule }: { school: string; rule: grades.Rule }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [scale, setScale] = useState(rule.scale);
  const [rows, setRows] = useState<Row[]>(rule.kinds.map((one) => ({ ...one, weight: one.weight.replace(".", ",") })));
  const [retakes, setRetakes] = useState(rule.retakes);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const left = KINDS.filter((kind) => !rows.some((row) => row.kind === kind));
  const change = (n: number, weight: string) => setRows(rows.map((row, at) => (at === n ? { ...row, weight } : row)));

  async function save(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await grades.setRule(school, { scale, retakes, kinds: rows });
      setProblem(null);
      announce(t("rule.saved"));
      await queries.invalidateQueries({ queryKey: ["rule"] });
      await queries.invalidateQueries({ queryKey: ["journal"] });
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  const fault = problem && !rows.some((_, n) => problem.at(`/kinds/${n}/weight`)) ? (problem.errors[0]?.detail ?? problem.detail) || t("state.offlineText") : "";
  return (
    <form className="card stack rule-form" onSubmit={(event) => void save(event)} onChange={() => setProblem(null)} noValidate>
      <p className="soft small">{t("rule.text")}</p>
      <fieldset>
        <legend>{t("rule.scale")}</legend>
        {SCALES.map((one) => (
          <label key={one} className="tick">
            <input type="radio" name="scale" checked={scale === one} onChange={() => setScale(one)} />
            {t(`rule.scales.${one}`)}
          </label>
        ))}
      </fieldset>
      <table className="list-table rule-kinds">
        <caption className="unseen">{t("rule.kinds")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("mark.kind")}</th>
            <th scope="col">{t("mark.weight")}</th>
            <th scope="col">
              <span className="unseen">{t("rule.remove")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, n) => {
            const wrong = problem?.at(`/kinds/${n}/weight`);
            return (
              <tr key={row.kind}>
                <th scope="row">{kindName(row.kind)}</th>
                <td>
                  <input
                    className="input"
                    inputMode="decimal"
                    aria-label={t("rule.weightOf", { kind: kindName(row.kind) })}
                    aria-invalid={Boolean(wrong)}
                    aria-describedby={wrong ? `weight-${n}` : undefined}
                    value={row.weight}
                    onChange={(event) => change(n, event.target.value)}
                  />
                  {wrong && (
                    <p id={`weight-${n}`} className="field-error" role="alert">
                      {wrong}
                    </p>
                  )}
                </td>
                <td>
                  <button type="button" className="button plain small" aria-label={t("rule.removeKind", { kind: kindName(row.kind) })} onClick={() => setRows(rows.filter((other) => other !== row))}>
                    {t("rule.remove")}
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {left.length > 0 && (
        <select className="input rule-add" aria-label={t("rule.add")} value="" onChange={(event) => setRows([...rows, { kind: event.target.value, weight: "1" }])}>
          <option value="">{t("rule.add")}</option>
          {left.map((kind) => (
            <option key={kind} value={kind}>
              {kindName(kind)}
            </option>
          ))}
        </select>
      )}
      <fieldset>
        <legend>{t("rule.retakes")}</legend>
        {RETAKES.map((one) => (
          <label key={one} className="tick">
            <input type="radio" name="retakes" checked={retakes === one} onChange={() => setRetakes(one)} />
            {t(`rule.retake.${one}`)}
          </label>
        ))}
      </fieldset>
      {fault && (
        <p className="field-error" role="alert">
          {fault}
        </p>
      )}
      <div className="line">
        <button type="submit" className="button main" disabled={busy}>
          {t("rule.save")}
        </button>
        <span className="soft small">{t("rule.number", { number: rule.rule })}</span>
      </div>
    </form>
  );
}
