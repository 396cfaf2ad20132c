import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Scale } from "../api/grades";
import type { GradedPupil } from "../api/terms";
import { moment } from "../calendar";
import { useNames } from "../frame/names";
import { sentenceOf } from "../journal/cell";
import { Sum } from "../marks/sum";
import { readMark, sayValues, showValue } from "../marks/values";
import { NEEDS_REASON } from "../saving/queue";
import type { Cell } from "../saving/store";
import { ReasonForm } from "./reason";

type Typed = Pick<Cell, "text" | "value" | "reason">;
type Props = {
  pupil: GradedPupil;
  name: string;
  scale: Scale;
  writes: boolean;
  draft: Cell | undefined;
  /** What stands is corrected with a reason. */
  corrects: boolean;
  put: (typed: Typed, refused?: Cell["refused"], rest?: number) => void;
  drop: () => void;
};

/** A pupil's average with its sum, the grade it proposes, and the grade given. */
export function Row({ pupil, name, scale, writes, draft, corrects, put, drop }: Props) {
  const { t } = useTranslation();
  const state = draft?.refused ? "failed" : draft ? "waiting" : "quiet";
  const asks = draft?.refused?.code === NEEDS_REASON || draft?.refused?.code === "grades.reason-missing";
  return (
    <tr data-pupil={pupil.pupil_id}>
      <th scope="row">
        {name}
        {draft?.refused && !asks && (
          <span className="field-error" role="alert">
            {sentenceOf(draft.refused)}{" "}
            <button type="button" className="button small" onClick={drop}>
              {t("cell.restore")}
            </button>
          </span>
        )}
        {asks && (
          <ReasonForm
            label={t("terms.whyChange", { before: pupil.value === null ? "–" : showValue(pupil.value), after: draft.text || "–" })}
            act={t("terms.correct")}
            send={(reason) => put({ text: draft.text, value: draft.value, reason }, null, 0)}
            cancel={drop}
          />
        )}
        <Earlier pupil={pupil} />
      </th>
      <td className="number soft">{pupil.average.count}</td>
      <td className="number">
        <Sum of={pupil.average} name={name} />
      </td>
      <td className={`number grade-cell ${state}`}>
        {writes ? (
          <Field pupil={pupil} name={name} scale={scale} draft={draft} corrects={corrects} put={put} drop={drop} />
        ) : pupil.value === null ? (
          <span className="soft">–</span>
        ) : (
          <b title={sayValues([pupil.value])}>{showValue(pupil.value)}</b>
        )}
        {state !== "quiet" && <span className="unseen"> {t(`cell.${state}`)}</span>}
      </td>
    </tr>
  );
}

/** The proposal stands in the empty field, pale: typing replaces it, and nothing is given until it is typed or taken. */
function Field({ pupil, name, scale, draft, corrects, put, drop }: Omit<Props, "writes">) {
  const { t } = useTranslation();
  const [text, setText] = useState<string | null>(null);
  const stands = pupil.value === null ? "" : showValue(pupil.value);

  function commit() {
    if (text === null) return;
    setText(null);
    const typed = text.trim();
    if (typed === (draft?.text ?? stands)) return;
    if (typed === stands) return drop();
    const read = readMark(typed, scale);
    if (read.kind === "empty") return store({ text: "", value: "", reason: "" });
    const one = read.kind === "mark" && !read.value.includes("/") && read.value !== "missing";
    if (one) return store({ text: typed, value: read.value, reason: "" });
    const why = read.kind === "wrong" ? read.why : t("terms.oneGrade");
    put({ text: typed, value: typed, reason: "" }, { code: "wrong", sentence: why });
  }

  function store(typed: Typed) {
    if (typed.value === "" && pupil.value === null) return drop();
    put(typed, corrects && pupil.value !== null ? { code: NEEDS_REASON, sentence: "" } : null);
  }

  return (
    <input
      className="input grade-field"
      autoComplete="off"
      maxLength={8}
      aria-label={pupil.proposed === null ? t("terms.gradeOf", { name }) : t("terms.gradeOfProposed", { name, proposed: showValue(pupil.proposed) })}
      aria-invalid={draft?.refused ? true : undefined}
      placeholder={pupil.proposed === null ? "" : showValue(pupil.proposed)}
      value={text ?? draft?.text ?? stands}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => event.key === "Escape" && setText(null)}
      onBlur={commit}
    />
  );
}

/** What stood since the council began, and why it was changed. */
function Earlier({ pupil }: { pupil: GradedPupil }) {
  const { t } = useTranslation();
  const name = useNames(pupil.was.map((was) => was.by));
  if (pupil.was.length === 0) return null;
  return (
    <ul className="soft small">
      {pupil.was.map((was) => (
        <li key={was.at}>
          {t("finals.was", { value: showValue(was.value) })}
          {was.reason && `, ${was.reason}`} ({name(was.by)}, {moment(was.at)})
        </li>
      ))}
    </ul>
  );
}
