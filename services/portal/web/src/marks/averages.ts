import { showValue } from "./values";

/** Hundredths, so that nothing is lost to binary fractions. */
type Counted = { value: number; weight: number };

function hundredths(text: string): number {
  const [whole = "0", part = ""] = text.split(".");
  return Number(whole) * 100 + Number(part.padEnd(2, "0").slice(0, 2));
}

/** What of the values counts: codes such as «осв» do not. */
export function counted(marks: readonly { values: readonly string[]; weight: string }[]): Counted[] {
  return marks.flatMap(({ values, weight }) =>
    values.filter((v) => /^\d/.test(v)).map((v) => ({ value: hundredths(v), weight: hundredths(weight) })),
  );
}

/** Weighted average in hundredths, half up; null when nothing counts. */
export function average(marks: readonly Counted[]): number | null {
  const weights = marks.reduce((sum, m) => sum + m.weight, 0);
  if (weights === 0) return null;
  const points = marks.reduce((sum, m) => sum + m.value * m.weight, 0);
  return Math.floor((2 * points + weights) / (2 * weights));
}

/** The sum written out, equal values of one weight together: «(5×2 + 4×1) / 3 = 4,67». Empty when nothing counts. */
export function sumText(marks: readonly { values: readonly string[]; weight: string }[]): string {
  const all = counted(marks);
  const result = average(all);
  if (result === null) return "";
  const show = (n: number) => showValue((n / 100).toFixed(2));
  const terms = all.map((m) => `${show(m.value)}×${show(m.weight)}`);
  const points = all.reduce((sum, m) => sum + m.value * m.weight, 0) / 100;
  const weights = all.reduce((sum, m) => sum + m.weight, 0);
  const plain = all.every((m) => m.weight === 100);
  const left = plain ? all.map((m) => show(m.value)).join(" + ") : terms.join(" + ");
  return `${left} = ${show(points)}; ${show(points)} / ${show(weights)} = ${exact(result)}`;
}

function exact(hundredth: number): string {
  const text = (hundredth / 100).toFixed(2);
  return showValue("0.5").includes(",") ? text.replace(".", ",") : text;
}

