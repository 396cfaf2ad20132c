/**
 * Asks for what the page will need while its script is still being read: on a slow line each question less in a row is
 * half a second. Stands in the page's head on its own, so it imports nothing. `api/http` takes the answers up.
 */
const DAY = 86_400_000;

type Early = Map<string, Promise<Response>>;

/** How many days the school's calendar was ahead of the browser's when it was last told: none, but for a shifted one. */
const AHEAD = "diary.ahead";

/** The Monday of the week that the diary's address is about, as far as it can be known before the school has said its day. */
function monday(): string {
  const asked = new URLSearchParams(location.search).get("week");
  const now = new Date();
  const local = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) + Number(localStorage.getItem(AHEAD) ?? 0) * DAY;
  const day = asked === null ? local : Date.parse(`${asked}T00:00:00Z`);
  return iso(day - ((new Date(day).getUTCDay() || 7) - 1) * DAY);
}

const iso = (time: number) => new Date(time).toISOString().slice(0, 10);

/** As `i18n` chooses it. */
function language(): string {
  const chosen = localStorage.getItem("diary.language") ?? navigator.languages.find((one) => /^(ru|en)\b/.test(one));
  return chosen?.startsWith("en") ? "en" : "ru";
}

function ask(early: Early, address: string): void {
  const answer = fetch(address, { headers: { "Accept-Language": language() } });
  answer.catch(() => undefined); // told to whoever takes it up
  early.set(address, answer);
}

try {
  const theme = localStorage.getItem("diary.theme"); // `frame/theme.ts`
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
  const early: Early = new Map();
  ask(early, "/api/roster/me");
  const pupil = /^\/pupils\/([\w-]+)\/diary\/?$/.exec(location.pathname)?.[1];
  if (pupil) {
    const first = monday();
    ask(early, `/api/reporting/diary?pupil_id=${pupil}&first=${first}&last=${iso(Date.parse(first) + 6 * DAY)}`);
  }
  (globalThis as { early?: Early }).early = early;
} catch {
  // storage is closed to us, or the address holds no day: the page asks in its own time
}
