import i18next from "i18next";
import { isDay, shortDay } from "../calendar";
import type { Scale } from "../api/grades";

/** What was typed into a mark's cell, understood. `value` is what the service reads: values joined by a slash. */
export type Read =
  | { kind: "mark"; value: string; /** Points by criterion. */ criteria?: Record<string, number> }
  | { kind: "presence"; value: string }
  | { kind: "empty" }
  | { kind: "wrong"; why: string; /** It only goes on: no fault while it is being typed. */ more?: boolean };

const CODES: Record<string, string> = {
  осв: "exempt",
  exempt: "exempt",
  ex: "exempt",
  "н/а": "not-attested",
  na: "not-attested",
  "n/a": "not-attested",
  точка: "missing",
  dot: "missing",
  ".": "missing",
  "•": "missing",
};

const PASS: Record<string, string> = { зач: "pass", зачёт: "pass", зачет: "pass", pass: "pass", незач: "fail", незачёт: "fail", незачет: "fail", fail: "fail" };
// Cyrillic letters that look like the Latin ones, as a hand on the Russian layout finds them
const LOOKALIKE: Record<string, string> = { А: "A", В: "B", С: "C", Е: "E" };
const MOST = 4; // marks in one cell

function number(text: string): string | null {
  return /^\d{1,3}([.,]\d{1,2})?$/.test(text) ? text.replace(",", ".") : null;
}

const SCALES: Record<Scale, (text: string) => string | null> = {
  // the whole point is checked here; what a school allows beyond it, the service says
  five: (text) => (/^[1-5]$/.test(text) ? text : null),
  hundred: number,
  letters: (text) => {
    const letter = text.toUpperCase().replace(/^[АВСЕ]/, (c) => LOOKALIKE[c] ?? c);
    return /^[A-F][+-]?$/.test(letter) ? letter : null;
  },
  pass: (text) => PASS[text.toLowerCase()] ?? null,
};

/** What belongs to the lesson's roll, also when it is typed in a mark's cell; «н» on either keyboard layout. */
const ROLL: Record<string, string> = { н: "absent", y: "absent", нб: "absent", abs: "absent", б: "absent/illness", у: "absent/excused", оп: "late" };

const OWED = /^(?:\.|•|точка|dot)\s*(\d{1,2})[./](\d{1,2})$/;

/** The next such day from the lesson's on; null for none («31.02»). */
function nextDay(day: string, month: string, on: string): string | null {
  const monthAndDay = `${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const year = Number(on.slice(0, 4)) + (monthAndDay < on.slice(5) ? 1 : 0);
  const found = `${year}-${monthAndDay}`;
  return isDay(found) && new Date(`${found}T00:00:00Z`).toISOString().startsWith(found) ? found : null;
}

/**
 * Reads «5», «4/5», «4,5», «осв», «н/а», «.»; «н» is an absence. At a lesson of the day `on` also «. 30.05»: owed until then,
 * as the queue writes it: the value, a space, the day.
 */
export function readMark(typed: string, scale: Scale, on?: string): Read {
  const text = typed.trim().toLowerCase();
  if (text === "") return { kind: "empty" };
  const owed = on === undefined ? null : OWED.exec(text);
  if (owed && on !== undefined) {
    const due = nextDay(owed[1] ?? "", owed[2] ?? "", on);
    return due ? { kind: "mark", value: `missing ${due}` } : { kind: "wrong", why: i18next.t("mark.badDue") };
  }
  const presence = ROLL[text];
  if (presence) return { kind: "presence", value: presence };
  // «н/а» holds the very sign that parts two marks
  const parts = text.replaceAll("н/а", "na").replaceAll("n/a", "na").split("/").map((part) => part.trim());
  if (parts.length > MOST) return { kind: "wrong", why: i18next.t("mark.tooMany", { most: MOST }) };
  const values = parts.map((part) => CODES[part] ?? SCALES[scale](part));
  if (values.some((value) => value === null)) return { kind: "wrong", why: i18next.t(`mark.wrong.${scale}`) };
  return { kind: "mark", value: values.join("/") };
}

/** One value as people write it: «4,5», «осв», «н/а», «•». */
export function showValue(value: string): string {
  const word = `mark.value.${value}`;
  if (/^[a-z]/.test(value)) return i18next.exists(word) ? i18next.t(word) : value;
  return i18next.language === "en" ? tidy(value) : tidy(value).replace(".", ",");
}

/** What stands, as the queue writes it: «4/5», «• 30.05». */
export function showStanding(stands: string): string {
  const [values = "", due] = stands.split(" ");
  return values === "" ? "" : showValues(values.split("/")) + (due ? ` ${shortDay(due)}` : "");
}

export function showValues(values: readonly string[]): string {
  return values.map(showValue).join("/");
}

/** «74.00» is 74. */
function tidy(value: string): string {
  return value.includes(".") ? value.replace(/\.?0+$/, "") : value;
}

/** An average, or its sum, as the service gives it, in the reader's decimal sign; a dash for none. */
export function showAverage(average: string | null): string {
  if (average === null) return "–";
  return i18next.language === "en" ? average : average.replace(/(\d)\.(\d)/g, "$1,$2");
}

/** How a code is said in full: for titles and screen readers. */
export function sayValues(values: readonly string[]): string {
  return values.map((v) => (/^[a-z]/.test(v) && i18next.exists(`mark.said.${v}`) ? i18next.t(`mark.said.${v}`) : showValue(v))).join(", ");
}

/** The school's word for a kind of work; its own code where the words know none. */
export function kindName(kind: string): string {
  return i18next.exists(`kind.${kind}`) ? i18next.t(`kind.${kind}`) : kind;
}

export function kindShort(kind: string): string {
  return i18next.exists(`kindShort.${kind}`) ? i18next.t(`kindShort.${kind}`) : kindName(kind);
}

export function showWeight(weight: string): string {
  return `×${showValue(weight)}`;
}
