import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { GivenMark } from "../api/grades";
import { moment } from "../calendar";
import { Arrow } from "../frame/arrow";
import "../frame/disclosed.css";
import { useNames } from "../frame/names";
import { showValues } from "../marks/values";
import { NEEDS_REASON, type SaveQueue } from "../saving/queue";
import type { Cell } from "../saving/store";
import { sentenceOf } from "./cell";

type Props = {
  anchor: HTMLElement | null;
  draft: Cell | null;
  roll: Cell | null;
  stands: GivenMark | null;
  queue: SaveQueue;
  edit: () => void;
  close: (stored: boolean) => void;
};

/** What a cell wants to know before it can be saved: the reason of a correction, whose value stands, or another value. */
export function Asking({ anchor, draft, roll, stands, queue, edit, close }: Props) {
  const { t } = useTranslation();
  const failed = draft?.refused ? draft : roll?.refused ? roll : null;
  useEffect(() => {
    if (!failed) close(false);
  }, [failed, close]);
  if (!failed?.refused) return null;
  const drop = () => {
    void queue.drop(failed.column, failed.pupil);
    close(false);
  };
  // the value changed under our hands: somebody else's stands
  const conflict = failed === draft && !failed.had && stands !== null && failed.refused.code !== "format";
  const reasons = failed === draft && (failed.refused.code === NEEDS_REASON || conflict);
  return (
    <Beside label={t("cell.question")} anchor={anchor} leave={() => close(false)}>
      {conflict && <Standing stands={stands} />}
      {!reasons && <p role="alert">{sentenceOf(failed.refused)}</p>}
      {reasons ? (
        <Reason
          before={stands ? showValues(stands.values) : ""}
          after={failed.text}
          keep={drop}
          save={(reason) => {
            const { column, pupil, group, on, text, value } = failed;
            void queue.put({ column, pupil, group, on, text, value, had: true, reason }, null, 0);
            close(true);
          }}
        />
      ) : (
        <div className="line">
          <button type="button" className="button main" autoFocus onClick={edit}>
            {t("cell.mend")}
          </button>
          <button type="button" className="button" onClick={drop}>
            {t("cell.restore")}
          </button>
        </div>
      )}
    </Beside>
  );
}

function Standing({ stands }: { stands: GivenMark }) {
  const { t } = useTranslation();
  const name = useNames([stands.by]);
  return <p role="alert">{t("cell.stands", { value: showValues(stands.values), name: name(stands.by), time: moment(stands.at) })}</p>;
}

type ReasonProps = { before: string; after: string; keep: () => void; save: (reason: string) => void };

function Reason({ before, after, keep, save }: ReasonProps) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const usual = ["typo", "retake", "appeal"].map((name) => t(`cell.reason.${name}`));
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() === "") return setMissing(true);
        save(reason.trim());
      }}
    >
      <label className="small">
        <span>
          {t("cell.why")}{" "}
          <b>
            {before}
            <Arrow />
            {after === "" ? "–" : after}
          </b>
        </span>
        <input
          className="input"
          autoFocus
          value={reason}
          maxLength={200}
          aria-invalid={missing}
          aria-describedby={missing ? "reason-missing" : undefined}
          onChange={(event) => {
            setReason(event.target.value);
            setMissing(false);
          }}
        />
      </label>
      {missing && (
        <p id="reason-missing" className="field-error" role="alert">
          {t("cell.reasonMissing")}
        </p>
      )}
      <div className="line">
        {usual.map((words) => (
          <button key={words} type="button" className="button small" onClick={() => save(words)}>
            {words}
          </button>
        ))}
      </div>
      <div className="line">
        <button type="submit" className="button main">
          {t("cell.correct")}
        </button>
        <button type="button" className="button plain" onClick={keep}>
          {t("cell.keep", { value: before })}
        </button>
      </div>
    </form>
  );
}

/** A panel in the top layer beside a cell. Esc leaves it as it is; so does a click elsewhere. */
function Beside({ label, anchor, leave, children }: { label: string; anchor: HTMLElement | null; leave: () => void; children: ReactNode }) {
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = panel.current;
    if (!box || !anchor) return;
    box.showPopover();
    const from = anchor.getBoundingClientRect();
    const { width, height } = box.getBoundingClientRect();
    box.style.left = `${Math.max(8, Math.min(from.left, innerWidth - width - 8))}px`;
    box.style.top = `${from.bottom + height + 12 > innerHeight ? Math.max(8, from.top - height - 4) : from.bottom + 4}px`;
    box.querySelector<HTMLElement>("input, button")?.focus();
  }, [anchor]);
  useEffect(() => {
    const outside = (event: PointerEvent) => !panel.current?.contains(event.target as Node) && leave();
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [leave]);
  return (
    <div
      ref={panel}
      popover="manual"
      role="dialog"
      className="panel stack asking"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === "Escape") leave();
        event.stopPropagation();
      }}
    >
      {children}
    </div>
  );
}
