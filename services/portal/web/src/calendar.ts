/** Days are ISO strings («2021-10-11») of the school's calendar; they are compared as text and never meet a time zone. */
import i18next from "i18next";

const DAY = 86_400_000;
const at = (day: string) => new Date(`${day}T00:00:00Z`);

export function addDays(day: string, count: number): string {
  return new Date(at(day).getTime() + count * DAY).toISOString().slice(0, 10);
}

/** Monday is 1, Sunday is 7. */
export function weekday(day: string): number {
  return at(day).getUTCDay() || 7;
}

/** Three weeks back and this one whole: a page of days that is as full on the first of a month as on the last. */
export function fourWeeks(today: string): { first: string; last: string } {
  const monday = mondayOf(today);
  return { first: addDays(monday, -21), last: addDays(monday, 6) };
}

export function mondayOf(day: string): string {
  return addDays(day, 1 - weekday(day));
}

export function firstOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`;
}

export function lastOfMonth(day: string): string {
  return addDays(addMonths(firstOfMonth(day), 1), -1);
}

/** The first day of the month `count` months away. */
export function addMonths(day: string, count: number): string {
  const from = at(firstOfMonth(day));
  return new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + count, 1)).toISOString().slice(0, 10);
}

export function daysBetween(first: string, last: string): string[] {
  const count = Math.round((at(last).getTime() - at(first).getTime()) / DAY) + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, n) => addDays(first, n));
}

export function isDay(text: string | null): text is string {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at(text).getTime());
}

const made = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = JSON.stringify([i18next.language, options]);
  const found = made.get(name) ?? new Intl.DateTimeFormat(i18next.language === "en" ? "en-GB" : "ru-RU", options);
  made.set(name, found);
  return found;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** «Понедельник, 11 октября» */
export function longDay(day: string): string {
  return capital(format({ weekday: "long", day: "numeric", month: "long", timeZone: "UTC" }).format(at(day)));
}

/** «11 октября» */
export function dayAndMonth(day: string): string {
  return format({ day: "numeric", month: "long", timeZone: "UTC" }).format(at(day));
}

/** «11.10.2026»: on paper the year is wanted. */
export function shownDay(day: string): string {
  return format({ dateStyle: "short", timeZone: "UTC" }).format(at(day));
}

/** «11.10» */
export function shortDay(day: string): string {
  return `${day.slice(8, 10)}.${day.slice(5, 7)}`;
}

/** «пн» */
export function shortWeekday(day: string): string {
  return format({ weekday: "short", timeZone: "UTC" }).format(at(day));
}

/** «Понедельник» */
export function longWeekday(day: string): string {
  return capital(format({ weekday: "long", timeZone: "UTC" }).format(at(day)));
}

/** «11 – 17 октября» */
export function span(first: string, last: string): string {
  return format({ day: "numeric", month: "long", timeZone: "UTC" }).formatRange(at(first), at(last));
}

/** «Октябрь 2021» */
export function monthName(day: string): string {
  return capital(format({ month: "long", timeZone: "UTC" }).format(at(day))) + ` ${day.slice(0, 4)}`;
}

/** The day it is at an instant where the clocks show `zone` (IANA; without it: where the reader is). */
export function dayOf(instant: Date, zone?: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(instant);
}

/** An instant (ISO 8601 with zone) in the reader's own time: «11 октября, 14:05». */
export function moment(instant: string): string {
  return format({ day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" }).format(new Date(instant));
}

/** «29 ноября 2026 г. в 18:05»: on paper that is kept for years. */
export function dayAndTime(instant: string): string {
  return format({ dateStyle: "long", timeStyle: "short" }).format(new Date(instant));
}

/** «14:05» */
export function clock(instant: string | number): string {
  return format({ hour: "2-digit", minute: "2-digit" }).format(new Date(instant));
}
