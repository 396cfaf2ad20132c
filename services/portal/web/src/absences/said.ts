import i18next from "i18next";
import type { Announced } from "../api/attendance";
import { shownDay } from "../calendar";

/** What a family may give as the reason, in the order of the form. */
export const REASONS = ["illness", "family", "excused", "competition", "transport", "other"] as const;

/** «30.11.2026», «30.11.2026 – 04.12.2026», «30.11.2026, уроки 2 и 3» */
export function daysOf({ first, last, lessons }: Pick<Announced, "first" | "last" | "lessons">): string {
  if (first !== last) return `${shownDay(first)} – ${shownDay(last)}`;
  if (lessons.length === 0) return shownDay(first);
  const numbers = new Intl.ListFormat(i18next.language, { type: "conjunction" }).format(lessons.map(String));
  return i18next.t("absence.lessonsOf", { day: shownDay(first), numbers, count: lessons.length });
}

export function sayReason(reason: string): string {
  return i18next.exists(`reason.${reason}`) ? i18next.t(`reason.${reason}`) : reason;
}
