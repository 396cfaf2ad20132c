import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { GivenMark } from "../api/grades";
import { moment } from "../calendar";
import { Arrow } from "../frame/arrow";
import { useNames } from "../frame/names";
import { showReached } from "../marks/criteria";
import { showValues } from "../marks/values";
import { NEEDS_REASON, type SaveQueue } from "../saving/queue";
import type { Cell } from "../saving/store";
import { Beside } from "./beside";
import { sentenceOf } from "./cell";
import { standing } from "./entry";

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
  const conflict = failed === draft && failed.refused.code !== "format" && overtook(failed, standing(stands));
  const words = [failed.comment, failed.recommendation].filter(Boolean).join(" · ");
  const reasons = failed === draft && (failed.refused.code === NEEDS_REASON || conflict);
  return (
    <Beside label={t("cell.question")} anchor={anchor} leave={() => close(false)}>
      {conflict && stands && <Standing stands={stands} />}
      {conflict && words && <p className="small">{t("comment.lost", { comment: words })}</p>}
      {!reasons && <p role="alert">{sentenceOf(failed.refused)}</p>}
      {reasons ? (
        <Reason
          before={stands ? shown(stands) : ""}
          after={failed.text}
          keep={drop}
          save={(reason, retake) => {
            const { comment: _, recommendation: __, refused: ___, ...cell } = failed;
            void queue.put({ ...cell, had: true, stood: standing(stands), reason, retake }, null, 0);
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

/** Whether another value stands by now than the one that was seen when this was typed. */
function overtook({ had, stood }: Cell, stands: string): boolean {
  const seen = stood ?? (had ? stands : "");
  return stands !== "" && stands !== seen;
}

function Standing({ stands }: { stands: GivenMark }) {
  const { t } = useTranslation();
  const name = useNames([stands.by]);
  return <p role="alert">{t("cell.stands", { value: shown(stands), name: name(stands.by), time: moment(stands.at) })}</p>;
}

const shown = ({ values, criteria }: GivenMark) => showValues(values) + (criteria?.length ? ` (${showReached(criteria)})` : "");

const USUAL = ["retake", "typo", "appeal"] as const;

type ReasonProps = { before: string; after: string; keep: () => void; save: (reason: string, retake: boolean) => void };

function Reason({ before, after, keep, save }: ReasonProps) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() === "") return setMissing(true);
        save(reason.trim(), false);
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
        {USUAL.filter((name) => name !== "retake" || after !== "").map((name) => (
          <button key={name} type="button" className="button small" onClick={() => save(t(`cell.reason.${name}`), name === "retake")}>
            {t(`cell.reason.${name}`)}
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
