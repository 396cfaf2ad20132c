import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import * as attendance from "../api/attendance";
import * as grades from "../api/grades";
import * as lessons from "../api/lessons";
import * as reporting from "../api/reporting";
import * as roster from "../api/roster";
import { isProblem } from "../api/problem";
import { keepOpening, useOpenings } from "../offline/openings";
import { fourWeeks } from "../calendar";
import { RangeSwitch, useRange, type Range } from "../frame/range";
import { Empty, Failed, Skeleton } from "../frame/states";
import { TakeAway } from "../frame/take-away";
import { runs, todayAt, useMe } from "../frame/who";
import { kindName } from "../marks/values";
import { useCells, useQueue } from "../saving/queue-of";
import { useCounts } from "../talk/counts";
import { SaveState } from "../saving/state";
import { below, placeOf, stopAt } from "../grid/roving";
import { draftId } from "./cell";
import { columnsOf, factsOf, isLocked, mayWrite, type Column, type Writer } from "./columns";
import { enter, type Entry } from "./entry";
import { Grid } from "./grid";
import { useGroupLive } from "../live/use";
import { GroupChoice } from "./groups";
import { Keys } from "./keys";
import { DebtsOfGroup } from "./debts";
import { SeenByFamilies } from "./seen";
import { WorkDialog } from "./work-dialog";

const KEYS = [
  ["5 4/5 4,5", "type"],
  ["осв н/а .", "codes"],
  [". 30.05", "owed"],
  ["н", "absent"],
  ["Enter", "enter"],
  ["F2", "edit"],
  ["Shift+F2", "comment"],
  ["6_7_5", "points"],
  ["Esc", "restore"],
  ["Ctrl+Enter", "fill"],
  ["Ctrl+V", "paste"],
  ["Ctrl+Z", "undo"],
  ["Delete", "remove"],
  ["arrows", "arrows"],
  ["Home End", "row"],
  ["Ctrl+Home Ctrl+End", "all"],
  ["PageUp PageDown", "page"],
  ["?", "help"],
] as const;

export function JournalPage() {
  return <Journal key={useParams()["groupId"]} />;
}

/** Everything the journal of a group stands on, and its four faces. */
function Journal() {
  const { t } = useTranslation();
  const me = useMe();
  const group = useParams()["groupId"] ?? "";
  const groups = useQuery({ queryKey: ["groups", "all"], queryFn: () => roster.groups(false), staleTime: 300_000 });
  const own = groups.data?.find((g) => g.group_id === group);
  const today = todayAt(me, own?.school_id);
  const range = useRange(fourWeeks(today));
  const { first, last } = range;
  useGroupLive(group);
  const fresh = { refetchInterval: 60_000 }; // another teacher's marks come into sight also when no word of them comes
  const journal = useQuery({ queryKey: ["journal", group, first, last], queryFn: () => grades.journal(group, first, last), ...fresh });
  const rolls = useQuery({ queryKey: ["rolls", group, first, last], queryFn: () => attendance.rolls(group, first, last), ...fresh });
  const week = useQuery({ queryKey: ["week", { group_id: group }, first, last], queryFn: () => lessons.week({ group_id: group }, first, last) });
  const members = useQuery({ queryKey: ["members", group], queryFn: () => roster.members(group) });
  const all = [journal, rolls, week, members];
  const broken = all.find((q) => q.data === undefined && q.isError);
  useKeptDays(group, range, broken?.error);
  const ready = journal.data && rolls.data && week.data && members.data;
  return (
    <div className="journal-page">
      <title>{`${own?.title ?? "…"} · ${t("tab.journal")}`}</title>
      <div className="head">
        {groups.isError && !groups.data ? (
          <h1>{t("tab.journal")}</h1>
        ) : (
          <GroupChoice group={group} groups={(groups.data ?? []).filter((g) => g.group_id === group || (g.starts <= today && today <= g.ends))} />
        )}
        <RangeSwitch range={range} today={today} go={range.go} />
      </div>
      {ready ? (
        <Suspense fallback={<Skeleton lines={12} />}>
          <Sheet
            key={`${first} ${last}`}
            group={group}
            own={own}
            today={today}
            data={{ journal: journal.data, rolls: rolls.data, lessons: week.data.lessons, members: members.data }}
            shown={range}
          />
        </Suspense>
      ) : broken ? (
        <Failed error={broken.error} retry={() => all.forEach((q) => q.isError && void q.refetch())} />
      ) : (
        <Skeleton lines={12} />
      )}
    </div>
  );
}

/** The kind of work in the address (`?kind=`) that the journal shows alone; empty for all of it. */
function useKind(): [string, (kind: string) => void] {
  const [search, setSearch] = useSearchParams();
  const choose = (kind: string) =>
    setSearch((old) => {
      if (kind) old.set("kind", kind);
      else old.delete("kind");
      return old;
    });
  return [search.get("kind") ?? "", choose];
}

function KindFilter({ works, kind, choose }: { works: readonly grades.Work[]; kind: string; choose: (kind: string) => void }) {
  const { t } = useTranslation();
  const kinds = [...new Set([...works.map((work) => work.kind), ...(kind ? [kind] : [])])];
  if (kinds.length < 2 && !kind) return null;
  return (
    <select className="button small" aria-label={t("mark.kind")} value={kind} onChange={(event) => choose(event.target.value)}>
      <option value="">{t("journal.allKinds")}</option>
      {kinds.map((one) => (
        <option key={one} value={one}>
          {kindName(one)}
        </option>
      ))}
    </select>
  );
}

/** Without a line only the days that are kept can be shown: the page goes there by itself. */
function useKeptDays(group: string, { first, last, go }: ReturnType<typeof useRange>, error: unknown): void {
  const lost = isProblem(error) && error.status === 0;
  useEffect(() => {
    if (!lost) return;
    void import("../offline/kept")
      .then(({ answerTo, RANGE }) => answerTo(RANGE))
      .then((kept) => {
        const days = kept?.data as Range | undefined;
        if (days && (days.first !== first || days.last !== last)) go(days);
      })
      .catch(() => undefined); // nothing is kept: the page says that there is no line
  }, [lost, group, first, last]);
}

type Data = { journal: grades.Journal; rolls: attendance.Rolls; lessons: lessons.Lesson[]; members: roster.Member[] };
type SheetProps = { group: string; own: roster.Group | undefined; today: string; data: Data; shown: { first: string; last: string } };

function Sheet({ group, own, today, data, shown }: SheetProps) {
  const { t } = useTranslation();
  const { rolls } = data;
  const me = useMe();
  const queue = useQueue();
  const { journal, opened: openedHere } = useOpenings(group, data.journal, queue);
  const cells = useCells(queue);
  const [dialog, setDialog] = useState<{ column: Column; entry?: Entry } | null>(null);
  const [keys, setKeys] = useState(false);
  const earlier = useRef<readonly Column[]>([]);
  const all = useMemo(() => columnsOf(group, data.lessons, journal, earlier.current), [group, data.lessons, journal]);
  useEffect(() => {
    earlier.current = all;
  }, [all]);
  const [kind, choose] = useKind();
  const columns = useMemo(() => (kind ? all.filter((c) => c.work?.kind === kind) : all), [all, kind]);
  const facts = useMemo(() => factsOf(group, journal, rolls), [group, journal, rolls]);
  const talks = useCounts(group, shown.first, shown.last);
  const drafts = useMemo(() => new Map(cells.map((c) => [draftId(c.column, c.pupil), c])), [cells]);
  const members = useMemo(
    () => data.members.filter((m) => m.starts <= shown.last && m.ends >= shown.first),
    [data.members, shown.first, shown.last],
  );
  const writer = useMemo(() => writerOf(me, own, journal.locked), [me, own, journal.locked]);
  const desk = { group, scale: journal.rule.scale, facts, drafts, queue };

  function reach(column: string, pupil: string): boolean {
    const row = members.findIndex((m) => m.person_id === pupil);
    const col = columns.findIndex((c) => c.key === column || c.roll === column);
    if (col < 0 && kind) choose(""); // it may be of another kind than those that are shown
    if (row < 0 || col < 0) return false;
    stopAt(document.querySelector(".journal"), { row: row + 1, column: col + 2 });
    return true;
  }

  const returning = useRef<"here" | "below" | null>(null);
  // when a dialog has gone the focus returns to the grid's Tab stop, or under it if its entry has been stored meanwhile
  useEffect(() => {
    if (dialog || keys || !returning.current) return;
    const grid = document.querySelector<HTMLElement>(".journal");
    const place = placeOf(grid?.querySelector('[data-at][tabindex="0"]') ?? null);
    const size = { rows: members.length + 1, columns: columns.length + 2 };
    if (place) stopAt(grid, returning.current === "below" ? below(place, size) : place);
    returning.current = null;
  }, [dialog, keys, members.length, columns.length]);

  function opened(work: string | null, criteria: grades.Criterion[], draft: boolean) {
    const entry = dialog?.entry;
    setDialog(null);
    returning.current = work !== null && entry !== undefined ? "below" : "here";
    // the mark that was typed before its work was there
    if (work && entry) enter({ ...entry, column: { ...entry.column, key: `marks/${work}`, work: { ...newWork(work, entry.column, journal), criteria, draft } } }, desk);
  }

  if (all.length === 0) return <Empty title={t("journal.nothing")} text={t("journal.nothingText")} />;
  if (members.length === 0) return <Empty title={t("journal.nobody")} />;
  return (
    <>
      <div className="journal-line">
        <SaveState queue={queue} reach={reach} />
        {journal.locked.length > 0 && <span className="soft small">{t("journal.locked", { terms: journal.locked.map((one) => one.title).join(", ") })}</span>}
        {!writer.whole && <span className="soft small">{t("journal.readOnly")}</span>}
        <KindFilter works={journal.works} kind={kind} choose={choose} />
        <TakeAway href={(as) => reporting.sheetFile(as, group, shown.first, shown.last)} />
        <DebtsOfGroup group={group} members={members} today={today} />
        <SeenByFamilies group={group} members={members} today={today} />
        {writer.whole && (
          <Link className="button plain small" to={`/journal/${group}/topics`}>
            {t("topics.title")}
          </Link>
        )}
        <button type="button" className="button plain small" onClick={() => setKeys(true)}>
          {t("keys.title")} <kbd>?</kbd>
        </button>
      </div>
      {columns.length === 0 ? (
        <Empty title={t("journal.noneOfKind")} />
      ) : (
        <Grid
          columns={columns}
          members={members}
          averages={journal.averages}
          talks={talks}
          desk={desk}
          today={today}
          writer={writer}
          open={(column, entry) => mayWrite(column, writer) && !isLocked(column.on, writer) && setDialog({ column, ...(entry ? { entry } : {}) })}
          keys={() => setKeys(true)}
        />
      )}
      {dialog && (
        <WorkDialog
          key={dialog.column.key}
          group={group}
          column={dialog.column}
          rule={journal.rule}
          queue={queue}
          keep={(work) => {
            const place = newWork(work.work_id, dialog.column, journal);
            const whole = { ...place, ...work };
            openedHere(whole);
            return keepOpening(me.person_id, group, whole);
          }}
          another={() => setDialog({ column: { ...dialog.column, key: "another", work: null } })}
          done={opened}
        />
      )}
      {keys && <Keys names={KEYS} done={() => {
            setKeys(false);
            returning.current = "here";
          }} />}
      <p className="soft small">
        <Link to={`/roll?group=${group}`}>{t("journal.toRolls")}</Link>
      </p>
    </>
  );
}

function writerOf(me: roster.Me, group: roster.Group | undefined, locked: readonly grades.Locked[]): Writer {
  return { person: me.person_id, locked, whole: runs(me, group?.school_id) || (group?.teachers.includes(me.person_id) ?? false) };
}

function newWork(id: string, column: Column, { rule }: grades.Journal): grades.Work {
  const place = { work_id: id, lesson_id: column.lesson?.lesson_id ?? "", on: column.on, number: column.number };
  return { ...place, kind: "", weight: "1", scale: rule.scale, title: null, version: 1, marks: [] };
}
