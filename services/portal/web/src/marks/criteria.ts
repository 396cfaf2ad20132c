import i18next from "i18next";
import type { Criterion, Reached } from "../api/grades";
import { readMark, type Read } from "./values";

/** «6 7 5», «6/7/5» or «6, 7, 5» in the order of the head; a code («н/а», «осв», «.») or «н» stands for the whole mark. */
export function readPoints(typed: string, criteria: readonly Criterion[], on?: string): Read {
  const word = readMark(typed, "hundred", on);
  if (word.kind === "empty" || word.kind === "presence") return word;
  if (word.kind === "mark" && /^[a-z]/.test(word.value) && !word.value.includes("/")) return word;
  const parts = partsOf(typed);
  const wrong = criteria.find(({ most }, n) => parts[n] !== undefined && !fits(parts[n], most));
  if (wrong) return { kind: "wrong", why: i18next.t("criteria.wrong", { ...wrong }) };
  if (parts.length > criteria.length) return { kind: "wrong", why: i18next.t("criteria.tooMany", { count: criteria.length }) };
  const next = criteria[parts.length];
  if (next) return { kind: "wrong", why: i18next.t("criteria.missing", { ...next }), more: true };
  const points = Object.fromEntries(criteria.map(({ code }, n) => [code, Number(parts[n])]));
  return { kind: "mark", value: parts.map(Number).join("/"), criteria: points };
}

const partsOf = (typed: string) => typed.split(/[\s/,;]+/).filter((part) => part !== "");
const fits = (part: string, most: number) => /^\d{1,3}$/.test(part) && Number(part) <= most;

/** The criterion whose points are being typed: the next one after a sign that parts two. */
export function typingAt(typed: string, criteria: readonly Criterion[]): number {
  const parts = partsOf(typed);
  const parted = typed === "" || /[\s/,;]$/.test(typed);
  return Math.min(parted ? parts.length : parts.length - 1, criteria.length);
}

/** «A 6/8 · B 7/8» */
export function showReached(reached: readonly Reached[]): string {
  return reached.map(({ code, points, most }) => `${code}\u00a0${points}/${most}`).join(" · ");
}

/** «A 8 · B 8» */
export function showCriteria(criteria: readonly Criterion[]): string {
  return criteria.map(({ code, most }) => `${code}\u00a0${most}`).join(" · ");
}
