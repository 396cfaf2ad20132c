import { useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Criterion } from "../api/grades";
import type { Problem } from "../api/problem";
import { showCriteria } from "../marks/criteria";

/** A criterion as it is typed; `id` only names its row. */
export type Row = { id: string; code: string; most: string };

const MOST = 12; // criteria of one work

/** What the service is sent: it says itself what is wrong with a row. */
export function readRows(rows: readonly Row[]): Criterion[] {
  return rows.map(({ code, most }) => ({ code: code.trim().toUpperCase(), most: /^\d{1,3}$/.test(most.trim()) ? Number(most) : 0 }));
}

type Props = { rows: readonly Row[]; change: (rows: Row[]) => void; problem: Problem | null };

/** The criteria of a new work: code and points of each. Enter in a field saves the work, as in its other fields. */
export function Criteria({ rows, change, problem }: Props) {
  const { t } = useTranslation();
  const list = useRef<HTMLFieldSetElement>(null);
  const grown = useRef(rows.length);
  useEffect(() => {
    // to the row just added, or after a removal to the button that adds
    if (rows.length > grown.current) list.current?.querySelector<HTMLElement>("li:last-child input")?.focus();
    if (rows.length < grown.current) list.current?.querySelector<HTMLElement>(":scope > button")?.focus();
    grown.current = rows.length;
  }, [rows.length]);
  const set = (id: string, part: Partial<Row>) => change(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  const whole = problem?.errors.find((error) => error.pointer === "/criteria")?.detail;
  return (
    <fieldset ref={list} className="criteria stack">
      <legend>{t("criteria.title")}</legend>
      <p className="soft small">{t(rows.length > 0 ? "criteria.orderHint" : "criteria.hint")}</p>
      {rows.length > 0 && (
        <ol className="stack">
          {rows.map((row, n) => (
            <CriterionRow
              key={row.id}
              row={row}
              place={n + 1}
              error={problem?.at(`/criteria/${n}`) ?? null}
              set={(part) => set(row.id, part)}
              remove={() => change(rows.filter((other) => other.id !== row.id))}
            />
          ))}
        </ol>
      )}
      {whole && (
        <p className="field-error" role="alert">
          {whole}
        </p>
      )}
      {rows.length < MOST && (
        <button type="button" className="button" onClick={() => change([...rows, nextRow(rows)])}>
          {t("criteria.add")}
        </button>
      )}
    </fieldset>
  );
}

type RowProps = { row: Row; place: number; error: string | null; set: (part: Partial<Row>) => void; remove: () => void };

function CriterionRow({ row, place, error, set, remove }: RowProps) {
  const { t } = useTranslation();
  const id = useId();
  const about = { "aria-invalid": error !== null, "aria-describedby": error ? `${id}-error` : undefined };
  return (
    <li className="criterion-row">
      <label htmlFor={`${id}-code`}>
        <span className="unseen">{place}. </span>
        {t("criteria.code")}
      </label>
      <label htmlFor={`${id}-most`}>
        <span className="unseen">{place}. </span>
        {t("criteria.most")}
      </label>
      <input {...about} id={`${id}-code`} className="input" value={row.code} maxLength={3} autoComplete="off" onChange={(event) => set({ code: event.target.value })} />
      <input {...about} id={`${id}-most`} className="input" inputMode="numeric" value={row.most} maxLength={3} autoComplete="off" onChange={(event) => set({ most: event.target.value })} />
      <button type="button" className="button plain" aria-label={t("criteria.remove", { code: row.code || place })} onClick={remove}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <path d="M3 3l10 10M13 3L3 13" stroke="currentColor" strokeWidth="1.6" />
        </svg>
      </button>
      {error && (
        <p id={`${id}-error`} className="field-error" role="alert">
          {error}
        </p>
      )}
    </li>
  );
}

/** What a work was opened with stays: its marks stand on it. */
export function Fixed({ criteria }: { criteria: readonly Criterion[] }) {
  const { t } = useTranslation();
  if (criteria.length === 0) return null;
  return (
    <p className="small">
      {t("criteria.title")}: <b>{showCriteria(criteria)}</b> <span className="soft">{t("criteria.fixed")}</span>
    </p>
  );
}

/** The next letter of the alphabet with as many points as the last row. */
function nextRow(rows: readonly Row[]): Row {
  const code = String.fromCharCode(65 + rows.length);
  return { id: crypto.randomUUID(), code: rows.some((row) => row.code === code) ? "" : code, most: rows.at(-1)?.most ?? "8" };
}
