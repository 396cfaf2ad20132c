import { memo, useLayoutEffect, useMemo, useRef, useState, type FocusEvent, type KeyboardEvent } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Average } from "../api/grades";
import type { Member } from "../api/roster";
import { dayAndMonth } from "../calendar";
import { Arrow } from "../frame/arrow";
import { announce } from "../frame/status";
import { below, cellAt, placeOf, step, stopAt, type Place } from "../grid/roving";
import { showAverage } from "../marks/values";
import { Asking } from "./asking";
import { draftId, viewOf, type View } from "./cell";
import { lockOf, mayWrite, openingColumn, type Column, type Writer } from "./columns";
import { Editor } from "./editor";
import { enter, type Desk, type Entry } from "./entry";
import { ColumnHead } from "./head";
import "./grid.css";

type Props = {
  columns: Column[];
  members: Member[];
  averages: Record<string, Average>;
  desk: Desk;
  today: string;
  writer: Writer;
  /** A mark was typed where no work is, or a column's head was pressed. */
  open: (column: Column, entry?: Entry) => void;
  keys: () => void;
};

const FIXED = 2; // name and average stand before the lessons

/** Pupils by lessons. Real focus in every cell, one Tab stop, a native table underneath. */
export function Grid({ columns, members, averages, desk, today, writer, open, keys }: Props) {
  const { t } = useTranslation();
  const table = useRef<HTMLTableElement>(null);
  const at = useRef<Place>({ row: 0, column: 0 });
  const [edit, setEdit] = useState<(Place & { text: string }) | null>(null);
  const [asks, setAsks] = useState<Place | null>(null);
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
    if (table.current?.querySelector('[data-at][tabindex="0"]')) return;
    at.current = { row: Math.min(at.current.row, size.rows - 1), column: Math.min(at.current.column, size.columns - 1) };
    stopAt(table.current, at.current, false);
  });

  const cellOf = ({ row, column }: Place) => {
    const [member, col] = [members[row - 1], columns[column - FIXED]];
    return member && col ? { member, column: col, view: views[row - 1]?.[column - FIXED] as View } : null;
  };
  const go = (place: Place) => stopAt(table.current, place);

  function begin(place: Place, text?: string) {
    const cell = cellOf(place);
    if (!cell) return;
    if (cell.view.lock) return announce(cell.view.hint);
    if (text === undefined && (cell.view.state === "asks" || cell.view.state === "failed")) return setAsks(place);
    // at once: the next key may be pressed before React would draw by itself
    flushSync(() => setEdit({ ...place, text: text ?? cell.view.text }));
  }

  function commit(place: Place, text: string, move: boolean) {
    setEdit(null);
    const cell = cellOf(place);
    if (!cell) return;
    const entry: Entry = { column: cell.column, pupil: cell.member.person_id, text };
    const outcome = enter(entry, desk);
    if (outcome === "asks") return setAsks(place);
    if (outcome === "opens") return open(cell.column, entry);
    if (move) go(below(place, size));
  }

  function onKeyDown(event: KeyboardEvent) {
    const place = placeOf(event.target as Element);
    if (!place || event.defaultPrevented || event.altKey) return;
    const ctrl = event.ctrlKey || event.metaKey;
    const next = step(place, event.key, ctrl, size);
    if (next) go(next);
    else if (event.key === "?") keys();
    else if (event.key === "Enter" || event.key === "F2") {
      if (place.row === 0) return; // the head's own button answers
      begin(place);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      const cell = cellOf(place);
      if (cell && !cell.view.lock) commit(place, "", false);
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

  const asked = asks && cellOf(asks);
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
        onDoubleClick={(event) => {
          const place = placeOf(event.target as Element);
          if (place && place.row > 0) begin(place);
        }}
        onClick={(event) => {
          const place = placeOf(event.target as Element);
          const state = place && cellOf(place)?.view.state;
          // a finger has no keys: its touch opens the cell
          const touched = (event.nativeEvent as PointerEvent).pointerType === "touch" && event.target instanceof HTMLTableCellElement;
          if (place && place.row > 0 && (state === "asks" || state === "failed" || touched)) begin(place);
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
              <ColumnHead key={column.slot} column={column} place={n + FIXED} today={today} mine={mayWrite(column, writer)} open={open} />
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
                const editing = edit?.row === r + 1 && edit.column === c + FIXED;
                const view = views[r]?.[c] as View;
                return (
                  <MarkCell
                    key={column.slot}
                    place={`${r + 1}:${c + FIXED}`}
                    colindex={c + FIXED + 1}
                    begins={column.begins}
                    today={column.on === today}
                    empty={column.work === null}
                    {...view}
                    editor={
                      editing ? (
                        <Editor
                          text={edit.text}
                          scale={column.work?.scale ?? desk.scale}
                          label={`${member.name}, ${dayAndMonth(column.on)}`}
                          commit={(text, move) => commit(edit, text, move)}
                          back={() => {
                            setEdit(null);
                            go(edit);
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
      {asks && asked && (
        <Asking
          anchor={cellAt(table.current, asks)}
          draft={desk.drafts.get(draftId(asked.column.key, asked.member.person_id)) ?? null}
          roll={desk.drafts.get(draftId(asked.column.roll, asked.member.person_id)) ?? null}
          stands={desk.facts.marks.get(asked.column.key)?.get(asked.member.person_id) ?? null}
          queue={desk.queue}
          edit={() => {
            setAsks(null);
            setEdit({ ...asks, text: asked.view.text });
          }}
          close={(stored) => {
            setAsks(null);
            go(stored ? below(asks, size) : asks);
          }}
        />
      )}
    </div>
  );
}

const AverageCell = memo(function AverageCell({ place, average, sum }: { place: string; average: string | null; sum: string }) {
  const shown = showAverage(average);
  return (
    <td role="gridcell" className="pin avg" tabIndex={-1} data-at={place} aria-colindex={2} aria-label={average ? `${shown}: ${sum}` : shown}>
      {shown}
      {average && (
        <span className="sum" aria-hidden="true">
          {sum}
        </span>
      )}
    </td>
  );
});

type MarkProps = View & { place: string; colindex: number; begins: boolean; today: boolean; empty: boolean; editor: React.ReactNode };

const MarkCell = memo(function MarkCell({ place, colindex, begins, today, empty, editor, text, before, sign, state, lock, hint }: MarkProps) {
  const { t } = useTranslation();
  const said = [before && `${before} →`, text, sign && t("journal.inRoll", { sign }), state !== "quiet" && t(`cell.${state}`), hint];
  const classes = ["cell", state, lock ? "locked" : "", begins ? "begins" : "", today ? "today" : "", empty ? "no-work" : ""];
  return (
    <td
      role="gridcell"
      className={classes.join(" ")}
      tabIndex={-1}
      data-at={place}
      aria-colindex={colindex}
      aria-readonly={lock !== null}
      aria-invalid={state === "failed" || undefined}
      aria-label={said.filter(Boolean).join(" ") || t("cell.empty")}
      title={hint || undefined}
    >
      {editor ?? (
        <>
          {before && (
            <span className="before">
              {before}
              <Arrow />
            </span>
          )}{" "}
          {text} {/* read as «88 н», not «88н» */}
          {sign && <i className={text ? "roll-sign small" : "roll-sign"}>{sign}</i>}
        </>
      )}
    </td>
  );
});
