import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as records from "../api/records";
import { dayAndMonth, moment } from "../calendar";
import { useAttempt } from "../frame/attempt";
import { Disclosed } from "../frame/disclosed";
import { Field } from "../frame/field";
import { useMe } from "../frame/who";
import { useArrived } from "../live/use";
import { useCount, useTalks } from "../talk/counts";
import { Talk, TalkSign } from "../talk/talk";
import "./behaviour.css";

/** A star, an exclamation mark, a triangle with one. */
const SIGNS = {
  praise: "M8 1.5l2 4.3 4.6.6-3.4 3.2.9 4.6L8 12l-4.1 2.2.9-4.6L1.4 6.4 6 5.8z",
  remark: "M8 2v7M8 12.5v1.5",
  incident: "M8 1.5L15 14H1zM8 6v4M8 11.5v1",
} as const;

/** The kind of a remark: a sign and the word, so that no colour is needed. */
export function KindOf({ kind }: { kind: records.Kind }) {
  const { t } = useTranslation();
  return (
    <span className={`remark-kind ${kind}`}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d={SIGNS[kind]} />
      </svg>
      {t(`behaviour.kind.${kind}`)}
    </span>
  );
}

type Props = { remarks: readonly records.Remark[]; mayWord: boolean; list: string };

export function RemarkList({ remarks, mayWord, list }: Props) {
  const arrived = useArrived(list, remarks.map((one) => `${one.remark_id}:${one.shown_at ?? ""}`));
  return (
    <ol className="remark-list">
      {remarks.map((one) => (
        <li key={one.remark_id} className={arrived.has(`${one.remark_id}:${one.shown_at ?? ""}`) ? "arrived" : ""}>
          <OneRemark remark={one} mayWord={mayWord} />
        </li>
      ))}
    </ol>
  );
}

function OneRemark({ remark: one, mayWord }: { remark: records.Remark; mayWord: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  const { attempt, fault, code, busy } = useAttempt("remarks");
  const [asks, setAsks] = useState<"reword" | "word" | "withdraw" | null>(null);
  const waits = one.shown_at === null && one.withdrawn_at === null;
  const mine = one.author_id === me.person_id;
  const said = code === "concurrent-change" ? t("behaviour.changed") : fault;
  return (
    <div className={one.withdrawn_at ? "remark withdrawn" : "remark"}>
      <p>
        <KindOf kind={one.kind} />{" "}
        <span className="soft small">{[dayAndMonth(one.on), one.subject].filter(Boolean).join(" · ")}</span>
      </p>
      <p className="said-words">{one.text || <span className="soft">{t("talk.erased")}</span>}</p>
      {one.written && <p className="soft small">{t("behaviour.written", { words: one.written })}</p>}
      <p className="soft small">
        {one.author_name}, {moment(one.at)}
        {waits && one.reworded_at && ` · ${t("behaviour.reworded", { time: moment(one.reworded_at) })}`}
        {waits && <b className="change"> · {t("behaviour.waits")}</b>}
        {one.withdrawn_at && ` · ${t("behaviour.withdrawn", { reason: one.reason })}`}
      </p>
      <div className="line">
        {waits && mayWord && (
          <button type="button" className="button main" onClick={() => setAsks("word")}>
            {t("behaviour.show")}
          </button>
        )}
        {waits && mine && (
          <button type="button" className="button" onClick={() => setAsks("reword")}>
            {t("behaviour.edit")}
          </button>
        )}
        {(mine || mayWord) && !one.withdrawn_at && (
          <button type="button" className="button" onClick={() => setAsks("withdraw")}>
            {t("absence.takeBack")}
          </button>
        )}
        {!waits && !one.withdrawn_at && <TalkButton beside={{ about: "remark", object_id: one.remark_id, pupil_id: one.pupil_id, group_id: one.group_id, on: one.on }} />}
      </div>
      {asks === "reword" && waits && (
        <Asked
          label={t("behaviour.text")}
          first={one.text}
          button={t("behaviour.save")}
          busy={busy}
          fault={said}
          done={async (text) => {
            if (await attempt(() => records.rewordRemark(one.remark_id, text, one.version), t("behaviour.saved"))) setAsks(null);
          }}
          back={() => setAsks(null)}
        />
      )}
      {asks === "word" && waits && (
        <Asked
          label={t("behaviour.familyReads")}
          first={one.text}
          button={t("behaviour.show")}
          busy={busy}
          fault={said}
          done={(text) => attempt(() => records.showRemark(one.remark_id, text, one.version), t("behaviour.told"))}
          back={() => setAsks(null)}
        />
      )}
      {asks === "withdraw" && !one.withdrawn_at && (
        <Asked
          label={t("behaviour.why")}
          first=""
          button={t("absence.takeBack")}
          busy={busy}
          fault={fault}
          done={(reason) => attempt(() => records.withdrawRemark(one.remark_id, reason), t("behaviour.takenBack"))}
          back={() => setAsks(null)}
        />
      )}
    </div>
  );
}

/** A button with the thread beside a record; nothing for those who have no part in it. */
export function TalkButton({ beside }: { beside: records.Beside }) {
  const { t } = useTranslation();
  const talks = useTalks(beside.pupil_id);
  const count = useCount(beside.pupil_id, beside.object_id);
  if (!talks) return null;
  return (
    <Disclosed
      className="button plain small talk-button"
      label={`${t(`talk.said.${beside.about}`)}${count > 0 ? `: ${count}` : ""}`}
      face={<TalkSign count={count} always />}
      more={() => <Talk beside={beside} />}
    >
      <b>{t(`talk.about.${beside.about}`)}</b>
    </Disclosed>
  );
}

type AskedProps = { label: string; first: string; button: string; busy: boolean; fault: string; done: (words: string) => Promise<unknown>; back: () => void };

function Asked({ label, first, button, busy, fault, done, back }: AskedProps) {
  const { t } = useTranslation();
  const [words, setWords] = useState(first);
  const [sent, setSent] = useState<string | null>(null); // a refusal is of these words
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setSent(words);
        void done(words);
      }}
    >
      <Field label={label} error={words === sent ? fault : null}>
        {(props) => <textarea {...props} autoFocus rows={2} value={words} onChange={(event) => setWords(event.target.value)} />}
      </Field>
      <div className="line">
        <button type="submit" className="button main" disabled={busy}>
          {button}
        </button>
        <button type="button" className="button" onClick={back}>
          {t("absence.cancel")}
        </button>
      </div>
    </form>
  );
}
