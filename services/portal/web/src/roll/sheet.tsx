import { useEffect, useRef, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { sayReason } from "../absences/said";
import type { Announced, Presence, Roll, State } from "../api/attendance";
import type { Member } from "../api/roster";
import { sayPresence, signOf } from "../attendance/words";
import { below, placeOf, step, stopAt } from "../grid/roving";
import { sentenceOf } from "../journal/cell";
import { presence, valueOf as savedValue } from "../saving/commands";
import { seenIn, type SaveQueue } from "../saving/queue";
import type { Cell } from "../saving/store";
import { stateOfKey, withDigit } from "./keys";

type Props = {
  members: Member[];
  roll: Roll | undefined;
  /** Absences that families announced for this lesson, by pupil. */
  away: ReadonlyMap<string, Announced>;
  place: { group: string; on: string; number: number };
  queue: SaveQueue;
  drafts: ReadonlyMap<string, Cell>;
  keys: () => void;
};

/** The states offered as buttons, in the order of the columns after name and state. */
const OFFERED = ["present", "absent", "late", "absent/illness", "absent/excused"] as const;
/** Refusals that say: somebody else's entry stands by now. */
const OVERTAKEN: ReadonlySet<string> = new Set(["attendance.roll-already-taken", "attendance.presence-changed"]);
const REST = 5_000; // milliseconds; a class is walked through more slowly than a column is typed

/** Pupils by one column of presence; each state has a key and a button. */
export function Sheet({ members, roll, away, place, queue, drafts, keys }: Props) {
  const { t } = useTranslation();
  const table = useRef<HTMLTableElement>(null);
  const column = `roll/${place.group}/${place.on}/${place.number}`;
  const saved = new Map(roll?.entries.map((e) => [e.pupil_id, e]));
  const size = { rows: members.length + 1, columns: OFFERED.length + 2 };
  useEffect(() => {
    // the roll was taken by somebody else meanwhile: where both say the same there is nothing to ask
    for (const { pupil, value, refused } of drafts.values()) {
      const entry = saved.get(pupil);
      if (refused && OVERTAKEN.has(refused.code) && entry && savedValue(entry) === value) void queue.drop(column, pupil);
    }
  });
  useEffect(() => {
    stopAt(table.current, { row: 1, column: 1 }, false);
    return () => queue.leave(column);
  }, [queue, column]);

  function valueOf(pupil: string): string {
    const draft = drafts.get(pupil);
    if (draft) return draft.value;
    const entry = saved.get(pupil);
    if (!entry) return "";
    return savedValue(entry);
  }

  function set(pupil: string, value: string) {
    const { group, on } = place;
    const entry = saved.get(pupil);
    const stands = entry && savedValue(entry);
    const draft = drafts.get(pupil);
    if (draft?.refused && value === stands) return void queue.drop(column, pupil);
    const seen = seenIn(draft, { had: roll !== undefined, stood: stands });
    void queue.put({ column, pupil, group, on, text: value, value, ...seen, reason: "" }, null, REST);
  }

  function everybody() {
    for (const { person_id: pupil } of members) if (valueOf(pupil) === "") set(pupil, away.has(pupil) ? `absent/${away.get(pupil)?.reason}` : "present");
    queue.leave(column);
  }

  function onKeyDown(event: KeyboardEvent) {
    const at = placeOf(event.target as Element);
    if (!at || event.altKey || event.ctrlKey || event.metaKey || event.target instanceof HTMLInputElement) return;
    const pupil = members[at.row - 1]?.person_id;
    const next = step(at, event.key, event.ctrlKey, size);
    const button = event.target instanceof HTMLButtonElement && (event.key === "Enter" || event.key === " ");
    const state = button ? null : stateOfKey(event.key);
    if (next) stopAt(table.current, next);
    else if (event.key === "?") keys();
    else if (pupil && state) {
      set(pupil, state);
      // a late pupil may still get minutes
      if (state !== "late") stopAt(table.current, below(at, { ...size, columns: 1 }));
    } else if (pupil && /^\d$/.test(event.key)) set(pupil, withDigit(valueOf(pupil), event.key));
    else if (pupil && event.key === "Escape" && drafts.get(pupil)?.refused) void queue.drop(column, pupil);
    else if (event.key === "Enter" && !button) stopAt(table.current, below(at, { ...size, columns: 1 }));
    else return;
    event.preventDefault();
  }

  return (
    <>
      <div className="scroller roll-scroller">
        <table
          ref={table}
          role="grid"
          className="journal roll"
          aria-label={t("roll.grid")}
          aria-rowcount={size.rows}
          onKeyDown={onKeyDown}
          onFocus={(event) => {
            const at = placeOf(event.target);
            if (at && event.target.matches("[data-at]")) stopAt(table.current, at, false);
          }}
          onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && queue.leave(column)}
        >
          <thead>
            <tr role="row" aria-rowindex={1}>
              <th role="columnheader" scope="col" className="pin name" tabIndex={-1} data-at="0:0">
                {t("journal.pupil")}
              </th>
              <th role="columnheader" scope="col" className="roll-state" tabIndex={-1} data-at="0:1">
                {t("roll.state")}
              </th>
              <th role="columnheader" scope="col" colSpan={OFFERED.length} tabIndex={-1} data-at="0:2">
                {t("roll.choose")}
              </th>
            </tr>
          </thead>
          <tbody>
            {members.map((member, n) => (
              <Row
                key={member.person_id}
                row={n + 1}
                member={member}
                value={valueOf(member.person_id)}
                announced={away.get(member.person_id)}
                draft={drafts.get(member.person_id)}
                stands={saved.get(member.person_id)}
                set={(value) => set(member.person_id, value)}
                drop={() => void queue.drop(column, member.person_id)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {!roll && (
        <button type="button" className="button main roll-all" onClick={everybody}>
          {drafts.size === 0 && away.size === 0 ? t("roll.allPresent") : t("roll.restPresent")}
        </button>
      )}
    </>
  );
}

type RowProps = { row: number; member: Member; value: string; announced: Announced | undefined; draft: Cell | undefined; stands: Presence | undefined; set: (value: string) => void; drop: () => void };

function Row({ row, member, value, announced, draft, stands, set, drop }: RowProps) {
  const { t } = useTranslation();
  const shown = presence(value);
  const said = value === "" ? t("roll.unset") : sayPresence({ state: shown.state as State, minutes: shown.minutes ?? null, reason: shown.reason ?? null });
  const overtaken = draft?.refused && stands && OVERTAKEN.has(draft.refused.code);
  const state = draft?.refused ? "failed" : draft ? "waiting" : "quiet";
  return (
    <tr role="row" aria-rowindex={row + 1} data-pupil={member.person_id}>
      <th role="rowheader" scope="row" className="pin name" tabIndex={-1} data-at={`${row}:0`}>
        {member.name}
      </th>
      <td role="gridcell" className={`cell roll-state ${state}`} tabIndex={-1} data-at={`${row}:1`}>
        {value !== "" && (
          <span className={`sign ${shown.state}`}>{signOf({ state: shown.state as State, reason: shown.reason ?? null })}</span>
        )}
        <span className={value === "" ? "soft" : undefined}>{said}</span>
        {announced && <span className="announced small">{t("absence.inRoll", { reason: sayReason(announced.reason) })}</span>}
        {state !== "quiet" && <span className="unseen"> {t(`cell.${state}`)}</span>}
        {draft?.refused && (
          <div className="roll-fault">
            <span className="field-error">{overtaken ? t("roll.stands", { said: sayPresence(stands) }) : sentenceOf(draft.refused)}</span>
            <button type="button" className="button small" tabIndex={-1} onClick={drop}>
              {overtaken ? t("roll.keep") : t("cell.restore")}
            </button>
            {overtaken && (
              <button type="button" className="button small" tabIndex={-1} onClick={() => set(value)}>
                {t("roll.replace")}
              </button>
            )}
          </div>
        )}
        {shown.state === "late" && <Minutes minutes={shown.minutes} set={set} name={member.name} />}
      </td>
      {OFFERED.map((offer, n) => (
        <td key={offer} role="gridcell" className="roll-offer">
          <button
            type="button"
            className="button"
            tabIndex={-1}
            data-at={`${row}:${n + 2}`}
            aria-pressed={value.replace(/:\d+/, "") === offer}
            aria-label={`${t(`roll.letter.${offer.replace("/", "-")}`)}: ${t(`roll.set.${offer.replace("/", "-")}`)}`}
            title={t(`roll.set.${offer.replace("/", "-")}`)}
            onClick={() => set(offer)}
          >
            {t(`roll.letter.${offer.replace("/", "-")}`)}
          </button>
        </td>
      ))}
    </tr>
  );
}

function Minutes({ minutes, set, name }: { minutes: number | undefined; set: (value: string) => void; name: string }) {
  const { t } = useTranslation();
  return (
    <label className="minutes">
      <input
        className="input"
        inputMode="numeric"
        tabIndex={-1}
        value={minutes ?? ""}
        maxLength={3}
        aria-label={t("roll.minutesOf", { name })}
        onChange={(event) => {
          const typed = event.target.value.replace(/\D/g, "");
          set(Number(typed) > 0 ? `late:${Math.min(Number(typed), 240)}` : "late");
        }}
      />
      <span className="soft small">{t("roll.minutes")}</span>
    </label>
  );
}
