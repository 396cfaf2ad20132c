import { useQuery } from "@tanstack/react-query";
import { Suspense, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import * as roster from "../api/roster";
import * as api from "../api/terms";
import { span } from "../calendar";
import { Failed, Skeleton } from "../frame/states";
import { History } from "../history/history";
import { useGroupLive } from "../live/use";
import { useCells, useQueue } from "../saving/queue-of";
import type { SaveQueue } from "../saving/queue";
import { SaveState } from "../saving/state";
import type { Cell } from "../saving/store";
import { Lock } from "./lock";
import { Row } from "./row";
import { isLocked, StageWord } from "./stage";
import "./terms.css";

export function TermSheetPage() {
  const { termId = "", groupId = "" } = useParams();
  return (
    <Suspense fallback={<Skeleton lines={10} />}>
      <TermSheet key={`${termId} ${groupId}`} term={termId} group={groupId} />
    </Suspense>
  );
}

/** A group's grades of a term: what the marks come to, what that proposes, what is given. */
function TermSheet({ term, group }: { term: string; group: string }) {
  const { t } = useTranslation();
  const queue = useQueue();
  const cells = useCells(queue);
  useGroupLive(group);
  const [history, setHistory] = useState(false);
  const query = useQuery({ queryKey: ["term-sheet", group, term], queryFn: () => api.sheet(term, group), refetchInterval: 60_000 });
  const members = useQuery({ queryKey: ["members", group], queryFn: () => roster.members(group) });
  const column = `term/${term}/${group}`;
  const broken = [query, members].find((q) => q.data === undefined && q.isError);
  if (broken)
    return (
      <>
        <div className="head">
          <h1>{t("tab.terms")}</h1>
        </div>
        <Failed error={broken.error} retry={() => void broken.refetch()} />
      </>
    );
  if (!query.data || !members.data) return <Skeleton lines={12} />;
  const sheet = query.data;
  const names = new Map(members.data.map((member) => [member.person_id, member.name]));
  return (
    <div className="term-sheet">
      <title>{`${sheet.title} · ${sheet.term.title}`}</title>
      <div className="head">
        <div>
          <p className="soft small">
            <Link to={`/terms?term=${term}`}>{sheet.term.title}</Link>, {span(sheet.term.starts, sheet.term.ends)}
          </p>
          <h1>{sheet.title}</h1>
        </div>
        <Link className="button" to={`/journal/${group}?first=${sheet.term.starts}&last=${sheet.term.ends}`}>
          {t("terms.toJournal")}
        </Link>
      </div>
      <div className="line term-line">
        <StageWord stage={sheet.term.stage} />
        <SaveState queue={queue} reach={(c, pupil) => c === column && reach(pupil)} />
      </div>
      <Lock sheet={sheet} />
      <Pupils sheet={sheet} names={names} queue={queue} drafts={new Map(cells.filter((c) => c.column === column).map((c) => [c.pupil, c]))} />
      <button type="button" className="button plain term-history" aria-expanded={history} onClick={() => setHistory(!history)}>
        {t("history.title")}
      </button>
      {history && <History object={sheet.sheet_id} />}
    </div>
  );
}

function reach(pupil: string): boolean {
  const field = document.querySelector<HTMLElement>(`[data-pupil="${pupil}"] input`);
  field?.focus();
  return field !== null;
}

type Props = { sheet: api.TermSheet; names: ReadonlyMap<string, string>; queue: SaveQueue; drafts: ReadonlyMap<string, Cell> };

const REST = 2_000; // milliseconds
const inOrder = new Intl.Collator("ru");

function Pupils({ sheet, names, queue, drafts }: Props) {
  const { t } = useTranslation();
  const table = useRef<HTMLTableElement>(null);
  const column = `term/${sheet.term.term_id}/${sheet.group_id}`;
  const writes = sheet.may_write && !isLocked(sheet);
  const pupils = [...sheet.pupils].sort((a, b) => inOrder.compare(names.get(a.pupil_id) ?? "", names.get(b.pupil_id) ?? ""));
  const empty = pupils.filter((one) => one.value === null && one.proposed !== null && !drafts.has(one.pupil_id));

  function put(one: api.GradedPupil, typed: Pick<Cell, "text" | "value" | "reason">, refused: Cell["refused"] = null, rest = REST) {
    // what stands is corrected with a reason once the council has begun
    const had = sheet.term.stage !== "open" && one.value !== null;
    const place = { column, pupil: one.pupil_id, group: sheet.group_id, on: sheet.term.ends };
    void queue.put({ ...place, ...typed, had, free: !had }, refused, rest);
  }

  function takeProposed() {
    for (const one of empty) put(one, { text: one.proposed ?? "", value: one.proposed ?? "", reason: "" });
    queue.leave(column);
  }

  /** Enter and the arrows go from pupil to pupil; the last and the first stay. */
  function onKeyDown(event: KeyboardEvent) {
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || !(event.target instanceof HTMLInputElement) || !event.target.matches(".grade-field")) return;
    const fields = [...(table.current?.querySelectorAll<HTMLInputElement>(".grade-field") ?? [])];
    event.preventDefault();
    const next = fields[fields.indexOf(event.target) + step];
    if (next) next.focus();
    else event.target.blur();
  }

  return (
    <>
      {writes && empty.length > 0 && (
        <div className="line">
          <button type="button" className="button" onClick={takeProposed}>
            {t("terms.takeProposed", { count: empty.length })}
          </button>
        </div>
      )}
      <div className="card scroller">
        <table ref={table} className="grades-table" onKeyDown={onKeyDown} onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && queue.leave(column)}>
          <thead>
            <tr>
              <th scope="col">{t("journal.pupil")}</th>
              <th scope="col" className="number">
                {t(sheet.term.kind === "year" ? "terms.terms" : "terms.marks")}
              </th>
              <th scope="col" className="number">
                {t("terms.average")}
              </th>
              <th scope="col" className="number">
                {t("terms.grade")}
              </th>
            </tr>
          </thead>
          <tbody>
            {pupils.map((one) => (
              <Row
                key={one.pupil_id}
                pupil={one}
                name={names.get(one.pupil_id) ?? "…"}
                scale={sheet.scale}
                writes={writes}
                draft={drafts.get(one.pupil_id)}
                corrects={sheet.term.stage !== "open"}
                put={(typed, refused, rest) => put(one, typed, refused, rest)}
                drop={() => void queue.drop(column, one.pupil_id)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
