import { useTranslation } from "react-i18next";
import type { SubjectMarks } from "../api/reporting";
import { shortDay } from "../calendar";
import { showAverage } from "./values";
import "./trend.css";

const WIDTH = 640;
const HEIGHT = 96;
const EDGE = 8;

/** How the subject's average went, mark by mark; its figures are in the table under it. */
export function AverageTrend({ subject }: { subject: SubjectMarks }) {
  const { t } = useTranslation();
  const points = subject.marks.filter((mark) => mark.average !== null).map((mark) => ({ on: mark.on, average: Number(mark.average) }));
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < 2) return null;
  const low = Math.min(...points.map((one) => one.average));
  const high = Math.max(...points.map((one) => one.average));
  const room = Math.max(high - low, subject.scale === "hundred" ? 10 : 0.5); // a small change does not look like a great one
  const middle = (high + low) / 2;
  const at = points.map(({ average }, n) => ({
    x: EDGE + (n * (WIDTH - 2 * EDGE)) / (points.length - 1),
    y: HEIGHT / 2 - ((average - middle) / room) * (HEIGHT - 2 * EDGE),
  }));
  const words = t("marks.trend", { first: say(first.average), last: say(last.average), count: points.length });
  return (
    <figure className="average-trend">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words} preserveAspectRatio="none">
        <polyline points={at.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")} />
        {at.map(({ x, y }, n) => (
          <path key={n} className={n === at.length - 1 ? "now" : undefined} d={`M${x.toFixed(1)} ${y.toFixed(1)}h0`} />
        ))}
      </svg>
      <figcaption className="soft small">
        <span>
          {shortDay(first.on)}: {say(first.average)}
        </span>
        <span>
          {shortDay(last.on)}: {say(last.average)}
        </span>
      </figcaption>
    </figure>
  );
}

const say = (average: number) => showAverage(average.toFixed(2));
