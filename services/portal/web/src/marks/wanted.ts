import type { Scale } from "../api/grades";

/** A mark that counts, in whole hundredths: averages are added up exactly, as the service does. */
export type Term = { points: number; weight: number };
export type Sum = { average: number; points: number; weights: number };

const LETTERS: Record<string, number> = {
  "A+": 430, A: 400, "A-": 370, "B+": 330, B: 300, "B-": 270, "C+": 230, C: 200, "C-": 170, "D+": 130, D: 100, "D-": 70, F: 0,
}; // prettier-ignore
const MOST = 30; // further marks: more is no plan

const hundredths = (text: string): number => Math.round(Number(text.replace(",", ".")) * 100);

/** What a value and its work's weight count; null for a code that is no mark, and for pass and fail. */
export function termOf(value: string, weight: string, scale: Scale): Term | null {
  if (scale === "pass") return null;
  const points = scale === "letters" ? LETTERS[value] : /^\d/.test(value) ? hundredths(value) : undefined;
  return points === undefined ? null : { points, weight: hundredths(weight) };
}

/** The average in hundredths, rounded half up; null when nothing counts. */
export function sumOf(terms: readonly Term[]): Sum | null {
  const points = terms.reduce((sum, one) => sum + one.points * one.weight, 0);
  const weights = terms.reduce((sum, one) => sum + one.weight, 0);
  if (weights === 0) return null;
  return { average: Math.floor((2 * points + weights) / (2 * weights)), points, weights };
}

/** How many such marks bring the average to the goal at least, and which average that is; null if they never do. */
export function needed(terms: readonly Term[], mark: Term, goal: number): { count: number; average: number } | null {
  for (let count = 0; count <= MOST; count++) {
    const sum = sumOf([...terms, ...Array.from({ length: count }, () => mark)]);
    if (sum && sum.average >= goal) return { count, average: sum.average };
  }
  return null;
}

/** A goal as it is typed, in hundredths; null if it is none of the scale's. */
export function goalOf(text: string, scale: Scale): number | null {
  if (!/^\d{1,3}([.,]\d{1,2})?$/.test(text.trim())) return null;
  const goal = hundredths(text.trim());
  return goal > 0 && goal <= topOf(scale) ? goal : null;
}

export const topOf = (scale: Scale): number => ({ five: 500, hundred: 10_000, letters: 430, pass: 0 })[scale];

/** The nearest mark above the average, as schools round: 4,50 is a five. */
export function nextGoal(average: number | null, scale: Scale): string {
  if (scale !== "five") return String(Math.min(topOf(scale), Math.ceil(((average ?? 0) + 1) / 1000) * 1000) / 100);
  const bounds = [250, 350, 450];
  return String((bounds.find((bound) => bound > (average ?? 0)) ?? 500) / 100);
}

/** Marks that one may hope for, the best first. */
export function hopes(scale: Scale): string[] {
  return scale === "five" ? ["5", "4", "3", "2"] : scale === "letters" ? ["A", "B", "C"] : ["100", "90", "80", "70"];
}
