import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { Me } from "../api/roster";
import "./tour.css";
import { diariesOf, isA, isTeacher, runs } from "./who";

/** `null`: never offered in this browser; a number: the step that is shown; `done`: seen, or not wanted. */
type Where = null | number | "done";
const KEPT = "diary.tour";
const listeners = new Set<() => void>();
let where: Where = begun();

function begun(): Where {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept === null || kept === "done" ? kept : Number(kept);
  } catch {
    return "done"; // a browser that keeps nothing would offer it for ever
  }
}

function put(next: Where): void {
  where = next;
  try {
    localStorage.setItem(KEPT, String(next));
  } catch {
    // as long as this page is open it is known
  }
  for (const tell of listeners) tell();
}

const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => void listeners.delete(tell);
};

/** What each step is about: its words, and the page it is shown on. */
function stepsOf(me: Me): { word: string; to: string }[] {
  const child = diariesOf(me)[0]?.person_id;
  const head = me.schools.some((school) => runs(me, school.school_id));
  const step = (word: string, to: string) => ({ word, to });
  if (isA(me, "officer")) return [step("district", "/district"), step("erasures", "/erasures"), step("settings", "/settings")];
  if (head) return [step("school", "/school"), step("substitution", "/timetable"), step("terms", "/terms"), step("rule", "/rule"), step("audit", "/audit")];
  if (isTeacher(me)) return [step("today", "/today"), step("journal", "/journal"), step("roll", "/roll"), step("offline", "/today"), step("settings", "/settings")];
  if (child === undefined) return [];
  const pages = `/pupils/${child}`;
  const own = child === me.person_id;
  return [
    step("diary", `${pages}/diary`),
    step("marks", `${pages}/marks`),
    ...(own ? [] : [step("absence", `${pages}/attendance`), step("write", "/messages/new")]),
    step("settings", "/settings"),
  ];
}

/** Whether it stands above the page, offered or begun. */
export const touring = (): boolean => where !== "done";

/** Begins it, from wherever one is: at its first page, in sight. */
export function useTourStart(me: Me): () => void {
  const navigate = useNavigate();
  return () => {
    put(0);
    void navigate(stepsOf(me)[0]?.to ?? ".");
    scrollTo({ top: 0 });
  };
}

/** The first visit: some pages with a sentence to each, in place of a manual. It stands above the page and covers nothing. */
export function Tour({ me }: { me: Me }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const kept = useSyncExternalStore(subscribe, () => where);
  const steps = stepsOf(me);
  if (kept === "done" || steps.length === 0) return null;

  function go(next: number) {
    const step = steps[next];
    put(step ? next : "done");
    if (step) void navigate(step.to);
  }

  if (kept === null)
    return (
      <aside className="tour line" aria-label={t("tour.title")}>
        <p>{t("tour.offer", { count: steps.length })}</p>
        <button type="button" className="button small" onClick={() => go(0)}>
          {t("tour.start")}
        </button>
        <button type="button" className="button plain small" onClick={() => put("done")}>
          {t("tour.no")}
        </button>
      </aside>
    );
  const at = Math.min(kept, steps.length - 1); // it was begun by someone with more steps
  const step = steps[at];
  return (
    <aside className="tour" aria-label={t("tour.title")} aria-live="polite">
      <p className="soft small">{t("tour.step", { number: at + 1, of: steps.length })}</p>
      <h2>{t(`tour.${step?.word}.title`)}</h2>
      <p>{t(`tour.${step?.word}.text`)}</p>
      <div className="line">
        {at > 0 && (
          <button type="button" className="button small" onClick={() => go(at - 1)}>
            {t("tour.back")}
          </button>
        )}
        <button type="button" className="button main small" onClick={() => go(at + 1)}>
          {t(at + 1 < steps.length ? "tour.next" : "tour.end")}
        </button>
        {at + 1 < steps.length && (
          <button type="button" className="button plain small" onClick={() => put("done")}>
            {t("tour.end")}
          </button>
        )}
      </div>
    </aside>
  );
}
