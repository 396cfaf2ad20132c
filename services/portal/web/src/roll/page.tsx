import { useQuery } from "@tanstack/react-query";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import * as attendance from "../api/attendance";
import * as lessons from "../api/lessons";
import * as roster from "../api/roster";
import { longDay, moment } from "../calendar";
import { useNames } from "../frame/names";
import { Empty, Failed, Skeleton } from "../frame/states";
import { todayAt, useMe } from "../frame/who";
import { useGroupLive } from "../live/use";
import { History } from "../history/history";
import { Keys } from "../journal/keys";
import { useCells, useQueue } from "../saving/queue-of";
import { SaveState } from "../saving/state";
import { Sheet } from "./sheet";
import { HomeworkForm } from "../homework/form";
import { Topic } from "./topic";
import "./roll.css";

const KEYS = [
  ["н y", "absent"],
  ["о j", "late"],
  ["0 … 9", "minutes"],
  ["б ,", "illness"],
  ["у e", "excused"],
  ["п g", "present"],
  ["Esc", "restore"],
  ["arrows", "arrows"],
  ["?", "help"],
] as const;

export function RollPage() {
  const { groupId, on, number } = useParams();
  return (
    <Suspense fallback={<Skeleton lines={10} />}>
      <Roll key={`${groupId} ${on} ${number}`} group={groupId ?? ""} on={on ?? ""} number={Number(number)} />
    </Suspense>
  );
}

/** The roll of one lesson: one key a pupil, the whole class in one command. */
function Roll({ group, on, number }: { group: string; on: string; number: number }) {
  const { t } = useTranslation();
  const me = useMe();
  const queue = useQueue();
  const cells = useCells(queue);
  useGroupLive(group);
  const [keys, setKeys] = useState(false);
  const [history, setHistory] = useState(false);
  const groups = useQuery({ queryKey: ["groups", "all"], queryFn: () => roster.groups(false), staleTime: 300_000 });
  const rolls = useQuery({ queryKey: ["rolls", group, on, on], queryFn: () => attendance.rolls(group, on, on) });
  const members = useQuery({ queryKey: ["members", group], queryFn: () => roster.members(group) });
  const day = useQuery({ queryKey: ["week", { group_id: group }, on, on], queryFn: () => lessons.week({ group_id: group }, on, on) });
  const told = useQuery({ queryKey: ["announced", group, on], queryFn: () => attendance.announced(group, on), refetchInterval: 60_000 });
  const away = new Map(
    (told.data?.absences ?? []).filter((one) => one.lessons.length === 0 || one.lessons.includes(number)).map((one) => [one.pupil_id, one]),
  );
  const own = groups.data?.find((g) => g.group_id === group);
  const lesson = day.data?.lessons.find((l) => (l.moved_from ?? l).number === number);
  const roll = rolls.data?.rolls.find((r) => r.on === on && r.number === number);
  const place = { group_id: group, on, number };
  const column = `roll/${group}/${on}/${number}`;
  const future = on > todayAt(me, own?.school_id);
  const unplanned = day.data === undefined && day.isError;
  const broken = [rolls, members].find((q) => q.data === undefined && q.isError);
  const present = (members.data ?? []).filter((m) => m.starts <= on && on <= m.ends);
  return (
    <div className="roll-page">
      <title>{`${own?.title ?? "…"} · ${t("tab.attendance")}`}</title>
      <div className="head">
        <div>
          <p className="soft small">
            {t("roll.lesson", { day: longDay(on), number })}
            {lesson && `, ${lesson.starts}–${lesson.ends}`}
          </p>
          <h1>{own?.title ?? (groups.isError ? t("roll.grid") : "…")}</h1>
        </div>
        <Link className="button" to={`/journal/${group}`}>
          {t("today.marks")}
        </Link>
      </div>
      {lesson && (
        <>
          <Topic key={lesson.topic ?? ""} place={place} topic={lesson.topic ?? ""} />
          <HomeworkForm place={place} lesson={lesson} />
        </>
      )}
      {unplanned && !broken && (
        <p className="aged" role="alert">
          {t("roll.planFailed")}{" "}
          <button type="button" className="button" onClick={() => void day.refetch()}>
            {t("state.again")}
          </button>
        </p>
      )}
      {future && day.data ? (
        <Empty title={t("lock.future")} />
      ) : future && !broken ? (
        !unplanned && <Skeleton lines={6} />
      ) : broken ? (
        <Failed error={broken.error} retry={() => void broken.refetch()} />
      ) : !rolls.data || !members.data ? (
        <Skeleton lines={12} />
      ) : present.length === 0 ? (
        <Empty title={t("journal.nobody")} />
      ) : (
        <>
          <div className="journal-line">
            <Taken roll={roll} />
            <SaveState queue={queue} reach={(c, pupil) => c === column && reach(pupil)} />
            <button type="button" className="button plain small" onClick={() => setKeys(true)}>
              {t("keys.title")} <kbd>?</kbd>
            </button>
          </div>
          <Sheet
            members={present}
            roll={roll}
            away={away}
            place={{ group, on, number }}
            queue={queue}
            drafts={new Map(cells.filter((c) => c.column === column).map((c) => [c.pupil, c]))}
            keys={() => setKeys(true)}
          />
          {roll && (
            <button type="button" className="button plain" aria-expanded={history} onClick={() => setHistory(!history)}>
              {t("history.title")}
            </button>
          )}
          {roll && history && <History object={roll.lesson_id} />}
        </>
      )}
      {keys && <Keys names={KEYS} done={() => setKeys(false)} />}
    </div>
  );
}

function reach(pupil: string): boolean {
  const row = document.querySelector<HTMLElement>(`[data-pupil="${pupil}"] [data-at]`);
  row?.focus();
  return row !== null;
}

function Taken({ roll }: { roll: attendance.Roll | undefined }) {
  const { t } = useTranslation();
  const name = useNames([roll?.by ?? null]);
  return <p className="small">{roll ? t("roll.taken", { name: name(roll.by), time: moment(roll.at) }) : <span className="change">{t("roll.notTaken")}</span>}</p>;
}
