import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SubjectMarks } from "../api/reporting";
import "./comparison.css";
import { showAverage } from "./values";

const ORDERS = ["subject", "average", "change"] as const;
type Order = (typeof ORDERS)[number];
const MOST: Record<string, number> = { five: 5, hundred: 100 };

/** The subjects side by side over the period: how many marks, which average, and how it moved since the first mark. */
export function Comparison({ subjects, sum }: { subjects: readonly SubjectMarks[]; sum: (subject: SubjectMarks) => ReactNode }) {
  const { t } = useTranslation();
  const [order, setOrder] = useState<Order>("subject");
  const places = new Map(subjects.map((one, n) => [one.subject, n]));
  const sorted = [...subjects].sort(BY[order]);
  return (
    <table className="summary-table">
      <thead>
        <tr className="soft small">
          <Head name="subject" order={order} setOrder={setOrder} />
          <th scope="col" className="number count-column">
            {t("marks.marks")}
          </th>
          <Head name="change" order={order} setOrder={setOrder} />
          <Head name="average" order={order} setOrder={setOrder} />
        </tr>
      </thead>
      <tbody>
        {sorted.map((subject) => (
          <tr key={subject.subject}>
            <th scope="row">
              <a href={`#subject-${places.get(subject.subject)}`}>{subject.subject}</a>
              <Bar subject={subject} />
            </th>
            <td className="soft small count-column">{subject.count}</td>
            <td className="small">{showChange(change(subject))}</td>
            <td>{sum(subject)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Head({ name, order, setOrder }: { name: Order; order: Order; setOrder: (order: Order) => void }) {
  const { t } = useTranslation();
  const mine = order === name;
  return (
    <th scope="col" className={name === "subject" ? undefined : "number"} aria-sort={mine ? (name === "subject" ? "ascending" : "descending") : undefined}>
      <button type="button" className="sort" onClick={() => setOrder(name)}>
        {t(`marks.by.${name}`)}
        {mine && <SortSign rising={name === "subject"} />}
      </button>
    </th>
  );
}

function SortSign({ rising }: { rising: boolean }) {
  return (
    <svg className="sort-sign" viewBox="0 0 8 8" width="8" height="8" aria-hidden="true">
      <path d={rising ? "M4 1l3 6H1z" : "M4 7L1 1h6z"} />
    </svg>
  );
}

/** How much of the scale the average is; the figure itself stands beside it. */
function Bar({ subject }: { subject: SubjectMarks }) {
  const most = MOST[subject.scale];
  if (most === undefined || subject.average === null) return null;
  return (
    <svg className="compare-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect width="100" height="4" />
      <rect className="full" width={Math.min(100, (100 * Number(subject.average)) / most)} height="4" />
    </svg>
  );
}

/** From the average after the period's first mark to the one after its last; none with fewer than two. */
function change(subject: SubjectMarks): number | null {
  const averages = subject.marks.flatMap((mark) => (mark.average === null ? [] : [Number(mark.average)]));
  const [first, last] = [averages[0], averages.at(-1)];
  return first === undefined || last === undefined || averages.length < 2 ? null : Math.round((last - first) * 100) / 100;
}

function showChange(by: number | null): string {
  if (by === null) return "–";
  if (by === 0) return "=";
  return `${by > 0 ? "+" : "−"}${showAverage(Math.abs(by).toFixed(2))}`;
}

const number = (subject: SubjectMarks) => (subject.average === null ? -Infinity : Number(subject.average));
const BY: Record<Order, (a: SubjectMarks, b: SubjectMarks) => number> = {
  subject: (a, b) => a.subject.localeCompare(b.subject),
  average: (a, b) => number(b) - number(a),
  change: (a, b) => (change(b) ?? -Infinity) - (change(a) ?? -Infinity),
};
