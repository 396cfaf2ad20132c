import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ClipboardEvent, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import * as lessons from "../api/lessons";
import { isProblem, type Problem } from "../api/problem";
import * as roster from "../api/roster";
import { fourWeeks, shortDay, shortWeekday } from "../calendar";
import { RangeSwitch, useRange, useTerms } from "../frame/range";
import { Empty, Loaded } from "../frame/states";
import { announce } from "../frame/status";
import { todayAt, useMe } from "../frame/who";
import { Templates } from "./templates";
import "./topics.css";

/** What the lessons of a group are about, written for many at once: by hand, from a list, from a template. */
export function TopicsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const group = useParams()["groupId"] ?? "";
  const groups = useQuery({ queryKey: ["groups", "all"], queryFn: () => roster.groups(false), staleTime: 300_000 });
  const own = groups.data?.find((g) => g.group_id === group);
  const today = todayAt(me, own?.school_id);
  const { termOf, known } = useTerms();
  const { first, last, go } = useRange(termOf(today) ?? fourWeeks(today));
  const query = useQuery({
    queryKey: ["week", { group_id: group }, first, last],
    queryFn: () => lessons.week({ group_id: group }, first, last),
    enabled: known,
  });
  return (
    <>
      <title>{`${own?.title ?? "…"} · ${t("topics.title")}`}</title>
      <div className="head">
        <div>
          <p className="soft">
            <Link to={`/journal/${group}`}>{own?.title ?? t("tab.journal")}</Link>
          </p>
          <h1>{t("topics.title")}</h1>
        </div>
        <RangeSwitch range={{ first, last }} today={today} go={go} />
      </div>
      <Loaded query={query}>
        {(week) => {
          const held = week.lessons.filter((lesson) => !lesson.cancelled);
          if (held.length === 0) return <Empty title={t("topics.nothing")} text={t("topics.nothingText")} />;
          return <Plan key={`${group} ${first} ${last}`} group={group} lessons={held} today={today} />;
        }}
      </Loaded>
    </>
  );
}

type Typed = Readonly<Record<string, string>>;

function Plan({ group, lessons: held, today }: { group: string; lessons: readonly lessons.Lesson[]; today: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [typed, setTyped] = useState<Typed>({});
  const [problem, setProblem] = useState<{ problem: Problem; of: readonly lessons.Lesson[] } | null>(null);
  const [busy, setBusy] = useState(false);
  const topicOf = (lesson: lessons.Lesson) => typed[lesson.lesson_id] ?? lesson.topic ?? "";
  const changed = held.filter((lesson) => topicOf(lesson).trim() !== (lesson.topic ?? "") && topicOf(lesson).trim() !== "");

  /** One topic a lesson, from this lesson on; what stands beyond the last lesson stays where it came from. */
  function fill(lines: readonly string[], into: readonly lessons.Lesson[]) {
    setTyped((old) => ({ ...old, ...Object.fromEntries(into.slice(0, lines.length).map((lesson, place) => [lesson.lesson_id, lines[place] ?? ""])) }));
    announce(t("topics.filled", { count: Math.min(lines.length, into.length) }));
  }

  function paste(event: ClipboardEvent, place: number) {
    const lines = event.clipboardData.getData("text").split(/\r?\n/).map((line) => line.replaceAll("\t", " ").trim()).filter(Boolean);
    if (lines.length < 2) return;
    event.preventDefault();
    fill(lines, held.slice(place));
  }

  async function save(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await lessons.writeTopics(group, changed.map((lesson) => ({ lesson, topic: topicOf(lesson).trim() })));
      setProblem(null);
      announce(t("save.saved"));
      await queries.invalidateQueries({ queryKey: ["week"] });
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem({ problem: error, of: changed });
    } finally {
      setBusy(false);
    }
  }

  const faultOf = (lesson: lessons.Lesson) => {
    const place = problem?.of.indexOf(lesson) ?? -1;
    const wrong = problem?.problem.errors.find((error) => error.pointer === `/topics/${place}` || error.pointer.startsWith(`/topics/${place}/`));
    return place < 0 ? undefined : wrong?.detail;
  };
  const whole = problem && (problem.of.some(faultOf) ? "" : problem.problem.detail || t("state.offlineText"));

  return (
    <form className="topics-plan" onSubmit={(event) => void save(event)} noValidate>
      <p className="soft">{t("topics.hint")}</p>
      <Templates topics={held.map(topicOf).filter(Boolean)} use={(lines) => fill(lines, held.filter((lesson) => topicOf(lesson) === ""))} />
      <ol className="card topics-list">
        {held.map((lesson, place) => {
          const fault = faultOf(lesson);
          const when = `${shortWeekday(lesson.on)} ${shortDay(lesson.on)}`;
          return (
            <li key={lesson.lesson_id} className={lesson.on === today ? "today" : ""}>
              <span className="soft small topics-when">{when}</span>
              <span className="soft small">{t("gaps.number", { number: lesson.number })}</span>
              <span className="topics-field">
                <input
                  className="input"
                  aria-label={t("topics.of", { when, number: lesson.number })}
                  aria-invalid={fault !== undefined}
                  maxLength={1000}
                  value={topicOf(lesson)}
                  onChange={(event) => setTyped((old) => ({ ...old, [lesson.lesson_id]: event.target.value }))}
                  onPaste={(event) => paste(event, place)}
                />
                {fault && (
                  <span className="field-error" role="alert">
                    {fault}
                  </span>
                )}
              </span>
            </li>
          );
        })}
      </ol>
      <div className="line topics-foot">
        <button type="submit" className="button main" disabled={busy || changed.length === 0}>
          {t("topics.save", { count: changed.length })}
        </button>
        {whole && (
          <span className="field-error" role="alert">
            {whole}
          </span>
        )}
      </div>
    </form>
  );
}
