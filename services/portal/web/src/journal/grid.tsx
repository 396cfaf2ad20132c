import { memo, useLayoutEffect, useMemo, useRef, useState, type ClipboardEvent, type FocusEvent, type KeyboardEvent } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Average, GivenMark } from "../api/grades";
import type { Member } from "../api/roster";
import { dayAndMonth } from "../calendar";
import { Arrow } from "../frame/arrow";
import { announce } from "../frame/status";
import { below, cellAt, placeOf, step, stopAt, type Place } from "../grid/roving";
import { showAverage } from "../marks/values";
import type { Cell } from "../saving/store";
import { TalkSign } from "../talk/talk";
import { Asking } from "./asking";
import { countOf, filled, isBlock, pasted, rowsOf, write, type Plan } from "./block";
import { draftId, viewOf, type View } from "./cell";
import { isLocked, lockOf, mayWrite, openingColumn, type Column, type Writer } from "./columns";
import { Editor } from "./editor";
import { enter, hold, standsAt, type Desk, type Entry, type Words } from "./entry";
import { ColumnHead } from "./head";
import { Noting } from "./noting";
import { Paste } from "./paste";
import { remember, undo, type Before } from "./undo";
import "./grid.css";

type Props = {
  columns: Column[];
  members: Member[];
  averages: Record<string, Average>;
  /** How many comments stand beside a mark, by `<work> <pupil>`. */
  talks: ReadonlyMap<string, number>;
  desk: Desk;
  today: string;
  writer: Writer;
  /** A mark was typed where no work is, or a column's head was pressed. */
  open: (column: Column, entry?: Entry) => void;
  keys: () => void;
};

const UNDONE = 50; // steps that can be taken back
const FIXED = 2; // name and average stand before the lessons

/** A cell by what it is, not where: while it is being typed in, another teacher may open a column before it. */
type Anchor = { slot: string; pupil: string };
/** What is being typed: since which value of the cell, and at which work (none: one was still to be opened). */
type Typing = Anchor & { text: string; stood: string; work: string | null };
type Commented = Typing & { words: Words; before: Cell | null };

/** Pupils by lessons. Real focus in every cell, one Tab stop, a native table underneath. */
export function Grid({ columns, members, averages, talks, desk, today, writer, open, keys }: Props) {
  const { t } = useTranslation();
  const table = useRef<HTMLTableElement>(null);
  const at = useRef<Place>({ row: 0, column: 0 });
  const steps = useRef<(readonly Before[])[]>([]);
  const [block, setBlock] = useState<{ plan: Plan; place: Place } | null>(null);
  const [edit, setEdit] = useState<Typing | null>(null);
  const [asks, setAsks] = useState<Anchor | null>(null);
  const [notes, setNotes] = useState<Commented | null>(null);
  const size = { rows: members.length + 1, columns: columns.length + FIXED };
  const now = openingColumn(columns, today);
  const views = useMemo(
    () => members.map((m) => columns.map((c) => viewOf(c, m.person_id, desk.facts, desk.drafts, lockOf(c, m, today, writer)))),
    [members, columns, desk.facts, desk.drafts, today, writer],
  );

  useLayoutEffect(() => {
    const first = { row: 1, column: now + FIXED };
    stopAt(table.current, first, false);
    at.current = first;
    cellAt(table.current, first)?.scrollIntoView({ inline: "center", block: "nearest" });
  }, []); // only on opening: afterwards the place is the teacher's
  useLayoutEffect(() => {
    // a column was added or taken away: the Tab stop must be a cell that is there
    const stop = placeOf(table.current?.querySelector('[data-at][tabindex="0"]') ?? null);
    if (stop) {
      at.current = stop;
      return;
    }
    at.current = { row: Math.min(at.current.row, size.rows - 1), column: Math.min(at.current.column, size.columns - 1) };
    stopAt(table.current, at.current, false);
  });

  const cellOf = ({ row, column }: Place) => {
    const [member, col] = [members[row - 1], columns[column - FIXED]];
    return member && col ? { member, column: col, view: views[row - 1]?.[column - FIXED] as View } : null;
  };
  const placeAt = ({ slot, pupil }: Anchor): Place => ({
    row: members.findIndex((m) => m.person_id === pupil) + 1,
    column: columns.findIndex((c) => c.slot === slot) + FIXED,
  });
  const cellBy = (anchor: Anchor) => cellOf(placeAt(anchor));
  const go = (place: Place) => stopAt(table.current, place);

  function begin(place: Place, text?: string) {
    const cell = cellOf(place);
    if (!cell) return;
    if (cell.view.lock) return announce(cell.view.hint);
    const anchor = { slot: cell.column.slot, pupil: cell.member.person_id };
    if (text === undefined && cell.view.state === "held") return note(place);
    if (text === undefined && (cell.view.state === "asks" || cell.view.state === "failed")) return setAsks(anchor);
    // at once: the next key may be pressed before React would draw by itself
    flushSync(() => setEdit({ ...typingAt(cell), text: text ?? cell.view.typed }));
  }

  function typingAt({ column, member }: { column: Column; member: Member }): Omit<Typing, "text"> {
    const pupil = member.person_id;
    return { slot: column.slot, pupil, stood: standsAt(desk, column, pupil), work: column.work?.work_id ?? null };
  }

  /** The comment of a cell's mark, with what has been typed of the mark so far. */
  function note(place: Place, typed: Typing | null = edit, text?: string) {
    const cell = cellOf(place);
    if (!cell) return;
    setEdit(null);
    if (cell.view.lock && !givenAt(cell)) return announce(cell.view.hint);
    const before = desk.drafts.get(draftId(cell.column.key, cell.member.person_id)) ?? null;
    const words = { comment: before?.comment ?? "", recommendation: before?.recommendation ?? "" };
    const notes = { ...(typed ?? typingAt(cell)), text: text ?? cell.view.typed, words, before };
    // what waits to be sent waits for the comment from now on
    if (notes.text.trim() !== "" && settled(notes, givenAt(cell)) === null) hold({ ...notes, column: meant(notes, cell) }, desk);
    setNotes(notes);
  }

  const givenAt = ({ column, member }: { column: Column; member: Member }) => desk.facts.marks.get(column.key)?.get(member.person_id);

  /** Typed before another teacher opened a work here, an entry wants a work of its own. */
  function meant({ work }: Omit<Typing, "text">, { column }: { column: Column }): Column {
    return work === (column.work?.work_id ?? null) ? column : { ...column, key: "another", work: null };
  }

  function commit(typed: Omit<Typing, "text">, text: string, move: boolean, written?: Words) {
    setEdit(null);
    setNotes(null);
    const cell = cellBy(typed);
    if (!cell) return announce(t("journal.columnGone", { text }));
    const column = meant(typed, cell);
    const words = written ?? desk.drafts.get(draftId(column.key, typed.pupil));
    const entry: Entry = { column, pupil: typed.pupil, text, words, stood: typed.stood };
    took([remember(column, typed.pupil, text, desk)]);
    const outcome = enter(entry, desk);
    if (outcome === "asks") return setAsks(typed);
    if (outcome === "opens") return open(column, entry);
    if (move) go(below(placeAt(typed), size));
  }

  const board = { columns, members, views, desk };

  function took(step: readonly Before[]) {
    steps.current = [...steps.current, step].slice(-UNDONE);
  }

  /** A block goes in as one step of «undo». */
  function put(plan: Plan) {
    took(plan.cells.filter((one) => one.verdict === "writes").map(({ column, member, text }) => remember(column, member.person_id, text, desk)));
    write(plan, desk);
  }

  function fill(typed: Typing, text: string) {
    setEdit(null);
    const place = placeAt(typed);
    go(place);
    const plan = filled(text, place.column - FIXED, board);
    const wrong = plan.cells.find((one) => one.verdict === "wrong" || one.verdict === "noWork");
    if (text.trim() === "" || wrong) return commit(typed, text, false); // the cell itself says what is wrong
    put(plan);
    announce(t("journal.filled", { value: text.trim(), count: countOf(plan, "writes"), absent: countOf(plan, "absent") }));
  }

  function onPaste(event: ClipboardEvent) {
    const place = placeOf(event.target as Element);
    const text = event.clipboardData.getData("text/plain");
    if (!place || place.row === 0 || place.column < FIXED || text.trim() === "") return;
    if (!isBlock(text)) {
      if (inEditor(event.target)) return;
      event.preventDefault();
      return begin(place, text.trim());
    }
    event.preventDefault();
    setEdit(null);
    setBlock({ plan: pasted(rowsOf(text), place.row - 1, place.column - FIXED, board), place });
  }

  function takeBack() {
    const step = steps.current.at(-1);
    steps.current = steps.current.slice(0, -1);
    if (!step) return announce(t("journal.nothingToUndo"));
    announce(t("journal.undone", { count: undo(step, desk, t("journal.undoReason")) }));
  }

  function onKeyDown(event: KeyboardEvent) {
    const place = placeOf(event.target as Element);
    if (!place || event.defaultPrevented || event.altKey) return;
    const ctrl = event.ctrlKey || event.metaKey;
    const next = step(place, event.key, ctrl, size);
    if (next) go(next);
    else if (event.key === "?") keys();
    else if (ctrl && event.code === "KeyZ" && !event.shiftKey) takeBack(); // on either layout
    else if (event.key === "F2" && event.shiftKey && place.row > 0) note(place, null);
    else if (event.key === "Enter" || event.key === "F2") {
      if (place.row === 0) return; // the head's own button answers
      begin(place);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      const cell = cellOf(place);
      if (cell && !cell.view.lock) commit(typingAt(cell), "", false);
    } else if (event.key.length === 1 && event.key !== " " && !ctrl && place.row > 0) begin(place, event.key);
    else return;
    event.preventDefault();
  }

  function onFocus(event: FocusEvent) {
    const place = placeOf(event.target);
    if (!place) return;
    const left = columns[at.current.column - FIXED];
    if (left && at.current.column !== place.column) {
      desk.queue.leave(left.key);
      desk.queue.leave(left.roll);
    }
    at.current = place;
    if (event.target.matches("[data-at]")) stopAt(table.current, place, false);
  }

  function onBlur(event: FocusEvent) {
    if (!table.current?.contains(event.relatedTarget)) desk.queue.leaveAll();
  }

  const asked = asks && cellBy(asks);
  const noted = notes && cellBy(notes);
  return (
    <div className="scroller">
      {/* the grid's keys work on its cells, which have the focus themselves */}
      <table
        ref={table}
        role="grid"
        className="journal"
        aria-label={t("journal.grid")}
        aria-rowcount={size.rows}
        aria-colcount={size.columns}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
        onBlur={onBlur}
        onPaste={onPaste}
        onDoubleClick={(event) => {
          const place = placeOf(event.target as Element);
          if (place && place.row > 0 && !inEditor(event.target)) begin(place);
        }}
        onClick={(event) => {
          const place = placeOf(event.target as Element);
          const state = place && cellOf(place)?.view.state;
          // a finger has no keys: its touch opens the cell
          const touched = (event.nativeEvent as PointerEvent).pointerType === "touch" && event.target instanceof HTMLTableCellElement;
          if (place && place.row > 0 && !inEditor(event.target) && (state === "asks" || state === "failed" || state === "held" || touched)) begin(place);
        }}
      >
        <thead>
          <tr role="row" aria-rowindex={1}>
            <th role="columnheader" className="pin name" scope="col" tabIndex={-1} data-at="0:0" aria-colindex={1}>
              {t("journal.pupil")}
            </th>
            <th role="columnheader" className="pin avg" scope="col" tabIndex={-1} data-at="0:1" aria-colindex={2}>
              <abbr title={t("marks.average")}>{t("journal.averageShort")}</abbr>
            </th>
            {columns.map((column, n) => (
              <ColumnHead key={column.slot} column={column} place={n + FIXED} today={today} mine={mayWrite(column, writer) && !isLocked(column.on, writer)} open={open} />
            ))}
          </tr>
        </thead>
        <tbody>
          {members.map((member, r) => (
            <tr key={member.person_id} role="row" aria-rowindex={r + 2}>
              <th role="rowheader" scope="row" className="pin name" tabIndex={-1} data-at={`${r + 1}:0`} aria-colindex={1}>
                <Link to={`/pupils/${member.person_id}/marks`} tabIndex={-1}>
                  {member.name}
                </Link>
              </th>
              <AverageCell place={`${r + 1}:1`} average={averages[member.person_id]?.average ?? null} sum={showAverage(averages[member.person_id]?.sum || null)} />
              {columns.map((column, c) => {
                const editing = edit?.pupil === member.person_id && edit.slot === column.slot;
                const view = views[r]?.[c] as View;
                return (
                  <MarkCell
                    key={column.slot}
                    place={`${r + 1}:${c + FIXED}`}
                    colindex={c + FIXED + 1}
                    begins={column.begins}
                    today={column.on === today}
                    empty={column.work === null}
                    draft={column.work?.draft === true}
                    talks={talks.get(`${column.work?.work_id} ${member.person_id}`) ?? 0}
                    {...view}
                    editor={
                      editing ? (
                        <Editor
                          text={edit.text}
                          work={edit.work === null ? null : column.work}
                          scale={desk.scale}
                          label={`${member.name}, ${dayAndMonth(column.on)}`}
                          commit={(text, move) => commit(edit, text, move)}
                          note={(text) => note(placeAt(edit), edit, text)}
                          fill={(text) => fill(edit, text)}
                          back={() => {
                            setEdit(null);
                            go(placeAt(edit));
                          }}
                        />
                      ) : null
                    }
                  />
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {block && (
        <Paste
          plan={block.plan}
          write={() => put(block.plan)}
          done={() => {
            setBlock(null);
            go(block.place);
          }}
        />
      )}
      {asks && asked && (
        <Asking
          anchor={cellAt(table.current, placeAt(asks))}
          draft={desk.drafts.get(draftId(asked.column.key, asked.member.person_id)) ?? null}
          roll={desk.drafts.get(draftId(asked.column.roll, asked.member.person_id)) ?? null}
          stands={desk.facts.marks.get(asked.column.key)?.get(asked.member.person_id) ?? null}
          queue={desk.queue}
          edit={() => {
            setAsks(null);
            setEdit({ ...typingAt(asked), text: asked.view.typed });
          }}
          close={(stored) => {
            setAsks(null);
            go(stored ? below(placeAt(asks), size) : placeAt(asks));
          }}
        />
      )}
      {notes && noted && (
        <Noting
          key={`${notes.slot} ${notes.pupil}`}
          anchor={cellAt(table.current, placeAt(notes))}
          column={meant(notes, noted)}
          pupil={notes.pupil}
          desk={desk}
          stands={settled(notes, givenAt(noted))}
          first={notes}
          keep={(text, words) => hold({ column: meant(notes, noted), pupil: notes.pupil, text, words, stood: notes.stood }, desk)}
          store={(text, words, move) => commit(notes, text, move, words)}
          close={() => {
            setNotes(null);
            go(placeAt(notes));
          }}
          back={() => {
            setNotes(null);
            go(placeAt(notes));
            const { before, pupil } = notes;
            if (before) void desk.queue.put(before, before.refused);
            else void desk.queue.drop(noted.column.key, pupil);
          }}
        />
      )}
    </div>
  );
}

const inEditor = (target: EventTarget) => (target as Element).closest(".editor, .editor-below") !== null;

/** The mark that takes no comment any more; null while one can still be written. */
function settled({ stood, before }: Commented, given: GivenMark | undefined): GivenMark | "sent" | null {
  if (before?.command) return "sent";
  return stood !== "" && given ? given : null;
}

const AverageCell = memo(function AverageCell({ place, average, sum }: { place: string; average: string | null; sum: string }) {
  const shown = showAverage(average);
  return (
    <td role="gridcell" className="pin avg" tabIndex={-1} data-at={place} aria-colindex={2} aria-label={average ? `${shown} ${sum}` : shown}>
      {shown}{" "}
      {average && (
        <span className="sum" aria-hidden="true">
          {sum}
        </span>
      )}
    </td>
  );
});

type MarkProps = View & { place: string; colindex: number; begins: boolean; today: boolean; empty: boolean; draft: boolean; talks: number; editor: React.ReactNode };

const MarkCell = memo(function MarkCell({ place, colindex, begins, today, empty, draft, talks, editor, text, points, comment, recommendation, before, sign, state, lock, hint }: MarkProps) {
  const { t } = useTranslation();
  const said = [draft && text && t("work.draft"), before && `${before} →`, text, points && t("criteria.said", { points }), sign && t("journal.inRoll", { sign }), state !== "quiet" && t(`cell.${state}`), hint, comment && `${t("mark.comment")}: ${comment}`, recommendation && `${t("mark.recommendation")}: ${recommendation}`, talks > 0 && t("talk.count", { count: talks })];
  const classes = ["cell", state, lock ? "locked" : "", begins ? "begins" : "", comment || recommendation ? "noted" : "", today ? "today" : "", empty ? "no-work" : "", draft ? "draft" : ""];
  return (
    <td
      role="gridcell"
      className={classes.join(" ")}
      tabIndex={-1}
      data-at={place}
      aria-colindex={colindex}
      aria-readonly={lock !== null}
      aria-invalid={state === "failed" || undefined}
      aria-label={editor ? undefined : said.filter(Boolean).join(" ") || t("cell.empty")}
      title={hint || [comment, recommendation].filter(Boolean).join("\n") || undefined}
    >
      {editor ?? (
        <>
          {before && (
            <span className="before">
              {before}
              <Arrow />
            </span>
          )}{" "}
          {text}
          {points && <small className="points"> {points}</small>} {/* read as «88 н», not «88н» */}
          {sign && <i className={text ? "roll-sign small" : "roll-sign"}>{sign}</i>}
          <TalkSign count={talks} />
        </>
      )}
    </td>
  );
});
