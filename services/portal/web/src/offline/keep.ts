import type { Announced, Rolls } from "../api/attendance";
import { addressOf, fresh, type Service } from "../api/http";
import type { Week } from "../api/lessons";
import type { Me } from "../api/roster";
import type { LessonsGiven } from "../api/staff";
import { addDays, daysBetween } from "../calendar";
import { answerTo, forgetKept, keep, RANGE } from "./kept";
import { whenSaved } from "./line";

/** Days after today whose lessons are kept. */
const AHEAD = 3;
const BACK = 7; // as the page of today asks
// milliseconds
const AGAIN = 600_000;
const STALE = 7_200_000;
const PAUSE = 4_000; // the page that is being opened comes first
const REST = 20_000; // after what was saved last in a group

type Days = { first: string; last: string };
type Answers = Map<string, unknown>;
type Params = Record<string, string>;

/** Keeps this teacher's lessons of today and the next days in the browser, now and while the page is open. Returns how to stop. */
export function keepLessons(me: Me, today: string): () => void {
  const days = { first: today, last: addDays(today, AHEAD) };
  const resting = new Map<string, ReturnType<typeof setTimeout>>();
  let timer = setTimeout(again, PAUSE);
  async function again() {
    if (navigator.onLine && !document.hidden) await keepAll(me, days).catch(() => undefined); // what was kept before stays
    timer = setTimeout(again, AGAIN);
  }
  const silent = whenSaved((group) => {
    clearTimeout(resting.get(group));
    resting.set(group, setTimeout(() => void keepGroup(me, days, group).catch(() => undefined), REST));
  });
  void navigator.serviceWorker?.register("/sw.js").catch(() => undefined); // without one the open page goes on all the same
  return () => {
    silent();
    for (const rest of [timer, ...resting.values()]) clearTimeout(rest);
  };
}

/** Asks for everything anew, unless that was done for these days not long ago. */
async function keepAll(me: Me, days: Days): Promise<void> {
  await forgetKept(me.person_id);
  const before = await answerTo(RANGE);
  if (before && (before.data as Days).first === days.first && Date.now() - before.at < STALE) return;
  const mine = { teacher_id: me.person_id };
  const answers: Answers = new Map<string, unknown>([[RANGE, days]]);
  const lessons = await ask<LessonsGiven>(answers, "reporting", "/lessons", { ...mine, ...days });
  await ask(answers, "roster", "/me");
  await ask(answers, "roster", "/years");
  await ask(answers, "roster", "/groups");
  await ask(answers, "grades", "/phrases");
  await ask(answers, "reporting", "/lessons", { ...mine, first: addDays(days.first, -BACK), last: days.first });
  for (const group of new Set(lessons.lessons.map((one) => one.group_id))) await askOf(group, days, answers);
  await keep(me.person_id, answers, "all");
}

async function keepGroup(me: Me, days: Days, group: string): Promise<void> {
  if ((await answerTo(RANGE)) === null) return; // another's, or gone: it is asked for as a whole
  const answers: Answers = new Map();
  await askOf(group, days, answers);
  await keep(me.person_id, answers, "these");
}

/** What the journal and the roll of a group ask for; the roll asks by days, which is cut from what came for all of them. */
async function askOf(group: string, days: Days, answers: Answers): Promise<void> {
  const whole = { group_id: group, ...days };
  await ask(answers, "roster", `/groups/${group}/members`);
  await ask(answers, "grades", "/journal", whole);
  const { rolls } = await ask<Rolls>(answers, "attendance", "/journal", whole);
  const week = await ask<Week>(answers, "lessons", "/week", whole);
  const { absences } = await ask<{ absences: Announced[] }>(new Map(), "attendance", "/announced", whole);
  for (const on of daysBetween(days.first, days.last)) {
    const day = { group_id: group, first: on, last: on };
    answers.set(addressOf("attendance", "/journal", day), { rolls: rolls.filter((one) => one.on === on) });
    answers.set(addressOf("lessons", "/week", day), { ...week, lessons: week.lessons.filter((one) => one.on === on) });
    answers.set(addressOf("attendance", "/announced", day), { absences: absences.filter((one) => one.first <= on && on <= one.last) });
  }
}

/** One after the other: there is no hurry. */
async function ask<T>(answers: Answers, service: Service, path: string, params: Params = {}): Promise<T> {
  const data = await fresh<T>(service, path, params);
  answers.set(addressOf(service, path, params), data);
  return data;
}
