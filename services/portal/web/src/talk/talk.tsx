import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { isProblem, type Problem } from "../api/problem";
import * as records from "../api/records";
import { moment } from "../calendar";
import { Field } from "../frame/field";
import { announce } from "../frame/status";
import { useMe } from "../frame/who";
import { useArrived } from "../live/use";
import { useDraft } from "../messages/draft";
import "./talk.css";

/** What is written beside one record of one child, and writing on. Nothing, where the reader has no part in it. */
export function Talk({ beside }: { beside: records.Beside }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["talk", beside.object_id, beside.pupil_id], queryFn: () => records.talk(beside) });
  if (!query.data) return query.isError ? null : <p className="soft small talk-loading">{t("state.loading")}</p>;
  return <Written key={`${beside.object_id} ${beside.pupil_id}`} beside={beside} comments={query.data.comments} />;
}

function Written({ beside, comments }: { beside: records.Beside; comments: records.Comment[] }) {
  const { t } = useTranslation();
  const me = useMe();
  const arrived = useArrived(`talk ${beside.object_id} ${beside.pupil_id}`, comments.map((one) => one.comment_id));
  return (
    <section className="talk-thread" aria-label={t("talk.title")}>
      {comments.length > 0 && (
        <ol className="said-list">
          {comments.map((one) => (
            <li key={one.comment_id} className={`said ${one.author_id === me.person_id ? "own" : ""} ${arrived.has(one.comment_id) ? "arrived" : ""}`}>
              <p className="small">
                <b>{one.author_id === me.person_id ? t("talk.me") : one.author_name}</b>{" "}
                <span className="soft">
                  {t(`talk.author.${one.author}`)}, <time dateTime={one.at}>{moment(one.at)}</time>
                </span>
              </p>
              <p className="said-words">{one.text || <span className="soft">{t("talk.erased")}</span>}</p>
            </li>
          ))}
        </ol>
      )}
      <Answer beside={beside} first={comments.length === 0} />
    </section>
  );
}

type Draft = { text: string; comment: string; key: string };
const fresh = (): Draft => ({ text: "", comment: crypto.randomUUID(), key: crypto.randomUUID() });

/** Writing beside a record. `first`: nobody has yet. */
export function Answer({ beside, first }: { beside: records.Beside; first: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [empty] = useState(fresh);
  const draft = useDraft<Draft>(`comment ${beside.object_id} ${beside.pupil_id}`, empty);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function send(event: FormEvent) {
    event.preventDefault();
    const { text, comment, key } = draft.value;
    if (text.trim() === "" || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await records.comment(beside, { comment_id: comment, text }, key);
      await draft.reset(fresh());
      announce(t("talk.sent"));
      for (const name of ["talk", "threads", "comments"]) await queries.invalidateQueries({ queryKey: [name] });
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="said-answer" onSubmit={(event) => void send(event)} noValidate>
      <Field label={t(first ? "talk.write" : "talk.answer")} error={problem && (problem.status === 0 ? t("messages.keptOffline") : (problem.at("/text") ?? problem.detail))}>
        {(props) => (
          <textarea
            {...props}
            rows={2}
            value={draft.value.text}
            // other words are another command: a new key goes with them
            onChange={(event) => draft.set({ ...draft.value, text: event.target.value, key: crypto.randomUUID() })}
            onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && void send(event)}
          />
        )}
      </Field>
      <div className="line">
        <button type="submit" className="button" disabled={busy || draft.value.text.trim() === ""}>
          {t("talk.send")}
        </button>
        <span className="soft small">{t("messages.sendKey")}</span>
      </div>
    </form>
  );
}

/** How many comments stand here, as a sign with a number; `always`: also where there is none. */
export function TalkSign({ count, always = false }: { count: number; always?: boolean }) {
  if (count === 0 && !always) return null;
  return (
    <span className="talk-sign" aria-hidden="true">
      <svg viewBox="0 0 16 14" width="12" height="11">
        <path d="M2 1h12v9H7l-3 3v-3H2z" />
      </svg>
      {count > 0 && count}
    </span>
  );
}
