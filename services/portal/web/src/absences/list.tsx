import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import * as attendance from "../api/attendance";
import { moment } from "../calendar";
import { useAttempt } from "../frame/attempt";
import { Field } from "../frame/field";
import { useNames } from "../frame/names";
import "./absences.css";
import { AbsenceForm } from "./form";
import { daysOf, sayReason } from "./said";

type Props = {
  absences: readonly attendance.Absence[];
  /** What this reader may do with them. */
  may: "withdraw" | "decide" | "read";
  /** The pupil's name, where the list is of several. */
  whose?: (pupil: string) => ReactNode;
  /** The day it is at the pupil's school, where they may be changed. */
  today?: string;
};

/** Announced absences with what became of them. */
export function AbsenceList({ absences, may, whose, today = "" }: Props) {
  const name = useNames(absences.flatMap((one) => [one.by, one.decided_by]));
  return (
    <ol className="absence-list">
      {absences.map((one) => (
        <Absence key={one.absence_id} absence={one} may={may} name={name} whose={whose} today={today} />
      ))}
    </ol>
  );
}

type AbsenceProps = { absence: attendance.Absence; may: Props["may"]; name: (id: string | null) => string; whose: Props["whose"]; today: string };

function Absence({ absence: one, may, name, whose, today }: AbsenceProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [changing, setChanging] = useState(false);
  const { attempt, fault, busy } = useAttempt("absences", "announced");
  const stands = one.state === "announced" || one.state === "accepted";

  if (changing)
    return (
      <li>
        <AbsenceForm
          pupil={one.pupil_id}
          today={today}
          from={one}
          done={() => {
            setChanging(false);
            void queries.invalidateQueries({ queryKey: ["absences"] });
          }}
        />
      </li>
    );
  return (
    <li>
      <p>
        {whose && <>{whose(one.pupil_id)} · </>}
        <b>{daysOf(one)}</b> · {sayReason(one.reason)}
      </p>
      {one.words && <p>{one.words}</p>}
      {one.paper && may !== "read" && (
        <p>
          <a href={attendance.paperFile(one.absence_id)} download>
            {t("absence.paper")}
          </a>
        </p>
      )}
      <p className="small">
        <span className={`absence-state ${one.state}`}>{t(`absence.state.${one.state}`)}</span>{" "}
        <span className="soft">
          {one.decided_at ? t("absence.decided", { name: name(one.decided_by), time: moment(one.decided_at) }) : t("absence.by", { name: name(one.by), time: moment(one.at) })}
        </span>
      </p>
      {one.answer && <p className="small">{t("absence.answer", { words: one.answer })}</p>}
      {may === "withdraw" && stands && (
        <div className="line">
          {one.state === "announced" && (
            <button type="button" className="button" onClick={() => setChanging(true)}>
              {t("frame.edit")}
              <span className="unseen"> {daysOf(one)}</span>
            </button>
          )}
          <button
            type="button"
            className="button"
            disabled={busy}
            onClick={() => void attempt(() => attendance.withdrawAbsence(one.absence_id), t("absence.takenBack"))}
          >
            {t("absence.takeBack")}
          </button>
        </div>
      )}
      {may === "decide" && one.state === "announced" && (
        <Decide
          busy={busy}
          decide={(accepted, words) => attempt(() => attendance.decideAbsence(one.absence_id, accepted, words), t(accepted ? "absence.accepted" : "absence.declined"))}
        />
      )}
      {fault && (
        <p className="field-error" role="alert">
          {fault}
        </p>
      )}
    </li>
  );
}

/** «Принять» is one press; who does not accept says why. */
function Decide({ busy, decide }: { busy: boolean; decide: (accepted: boolean, words: string) => Promise<unknown> }) {
  const { t } = useTranslation();
  const [declining, setDeclining] = useState(false);
  const [words, setWords] = useState("");
  const [missing, setMissing] = useState(false);
  if (!declining)
    return (
      <div className="line">
        <button type="button" className="button main" disabled={busy} onClick={() => void decide(true, "")}>
          {t("absence.accept")}
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => setDeclining(true)}>
          {t("absence.decline")}
        </button>
      </div>
    );
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (words.trim() === "") return setMissing(true);
        void decide(false, words);
      }}
    >
      <Field label={t("absence.why")} error={missing && words.trim() === "" ? t("absence.whyMissing") : null}>
        {(props) => <input {...props} autoFocus maxLength={1000} value={words} onChange={(event) => setWords(event.target.value)} />}
      </Field>
      <div className="line">
        <button type="submit" className="button main" disabled={busy}>
          {t("absence.decline")}
        </button>
        <button type="button" className="button" onClick={() => setDeclining(false)}>
          {t("absence.cancel")}
        </button>
      </div>
    </form>
  );
}
