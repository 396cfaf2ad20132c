import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import * as records from "../api/records";
import { moment } from "../calendar";
import { useMe } from "../frame/who";
import { useArrived } from "../live/use";
import { Answer } from "../messages/answer";
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
      <Comment beside={beside} first={comments.length === 0} />
    </section>
  );
}

/** Writing beside a record. `first`: nobody has yet. */
export function Comment({ beside, first }: { beside: records.Beside; first: boolean }) {
  const { t } = useTranslation();
  return (
    <Answer
      name={`comment ${beside.object_id} ${beside.pupil_id}`}
      className="said-answer"
      rows={2}
      label={t(first ? "talk.write" : "talk.answer")}
      button={t("talk.send")}
      said={t("talk.sent")}
      write={(comment, text, key) => records.comment(beside, { comment_id: comment, text }, key)}
      stale={["talk", "threads", "comments"]}
    />
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
