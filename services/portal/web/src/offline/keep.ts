import { addressOf, fresh, type Service } from "../api/http";
import type { Me } from "../api/roster";
import type { LessonsGiven } from "../api/staff";
import { addDays, daysBetween } from "../calendar";
import { forgetKept, keep } from "./kept";

/** Days after today whose lessons are kept. */
const AHEAD = 3;
const BACK = 7; // as the page of today asks
const AGAIN = 600_000; // milliseconds
const PAUSE = 4_000; // the page that is being opened comes first

export const RANGE = "/kept/range";
type Question = [Service, string, Record<string, string>];

/** Keeps this teacher's lessons of today and the next days in the browser, now and while the page is open. Returns how to stop. */
export function keepLessons(me: Me, today: string): () => void {
  let timer = setTimeout(again, PAUSE);
  async function again() {
    if (navigator.onLine && !document.hidden) await keepNow(me, today).catch(() => undefined); // what was kept before stays
    timer = setTimeout(again, AGAIN);
  }
  void navigator.serviceWorker?.register("/sw.js").catch(() => undefined); // without one the open page goes on all the same
  return () => clearTimeout(timer);
}

async function keepNow(me: Me, today: string): Promise<void> {
  await forgetKept(me.person_id);
  const last = addDays(today, AHEAD);
  const answers = new Map<string, unknown>([[RANGE, { first: today, last }]]);
  const lessons = await ask<LessonsGiven>(answers, ["reporting", "/lessons", { teacher_id: me.person_id, first: today, last }]);
  const groups = [...new Set(lessons.lessons.map((one) => one.group_id))];
  const questions: Question[] = [
    ["roster", "/me", {}],
    ["roster", "/years", {}],
    ["roster", "/groups", {}],
    ["reporting", "/lessons", { teacher_id: me.person_id, first: addDays(today, -BACK), last: today }],
    ...groups.flatMap((group) => ofGroup(group, today, last)),
  ];
  for (const question of questions) await ask(answers, question); // one after the other: there is no hurry
  await keep(me.person_id, answers);
}

/** What the journal and the roll of a group ask for. */
function ofGroup(group: string, first: string, last: string): Question[] {
  const whole = { group_id: group, first, last };
  const days = daysBetween(first, last).map((on) => ({ group_id: group, first: on, last: on }));
  return [
    ["roster", `/groups/${group}/members`, {}],
    ["grades", "/journal", whole],
    ["attendance", "/journal", whole],
    ["lessons", "/week", whole],
    ...days.flatMap((day): Question[] => [
      ["attendance", "/journal", day],
      ["lessons", "/week", day],
      ["attendance", "/announced", day],
    ]),
  ];
}

async function ask<T>(answers: Map<string, unknown>, [service, path, params]: Question): Promise<T> {
  const data = await fresh<T>(service, path, params);
  answers.set(addressOf(service, path, params), data);
  return data;
}
