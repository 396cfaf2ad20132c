import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import * as messaging from "../api/messaging";
import { moment } from "../calendar";
import { useNames } from "../frame/names";
import { Loaded } from "../frame/states";
import { useMe } from "../frame/who";
import { useArrived } from "../live/use";
import { Answer } from "./answer";
import { others } from "./list";
import "./messages.css";

export function ThreadPage() {
  const { t } = useTranslation();
  const id = useParams()["conversationId"] ?? "";
  const query = useQuery({ queryKey: ["thread", id], queryFn: () => messaging.thread(id) });
  return (
    <>
      <Link to="/messages" className="small">
        ‹ {t("tab.messages")}
      </Link>
      <Loaded query={query}>{(thread) => <Thread key={id} thread={thread} />}</Loaded>
    </>
  );
}

function Thread({ thread }: { thread: messaging.Thread }) {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const { conversation_id: id, messages } = thread;
  const name = useNames([thread.pupil_id]);
  const arrived = useArrived(id, messages.map((m) => m.message_id));
  const end = useRef<HTMLDivElement>(null);
  const newest = messages.at(-1);
  const unseen = messages.findLast((m) => m.author_id !== me.person_id)?.message_id;
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [newest?.message_id]);
  useEffect(() => {
    if (!unseen) return;
    messaging
      .seen(id, unseen)
      .then(() => queries.invalidateQueries({ queryKey: ["conversations"] }))
      .catch(() => undefined); // the next opening tells it again
  }, [id, unseen, queries]);
  return (
    <div className="thread">
      <title>{`${thread.subject} · ${t("tab.messages")}`}</title>
      <div>
        <h1>{thread.subject}</h1>
        <p className="soft small">
          {others(thread, me.person_id)}
          {thread.pupil_id && ` · ${t("messages.about", { name: name(thread.pupil_id) })}`}
        </p>
      </div>
      <ol className="bubbles" aria-label={t("messages.history")}>
        {messages.map((message) => (
          <Bubble key={message.message_id} message={message} thread={thread} arrived={arrived.has(message.message_id)} />
        ))}
      </ol>
      <div ref={end} />
      <Answer
        name={`answer ${id}`}
        className="answer"
        rows={3}
        label={t("messages.text")}
        button={t("messages.send")}
        said={t("messages.sent")}
        write={(message, text, key) => messaging.write(id, { message_id: message, text }, key)}
        stale={["thread"]}
      />
    </div>
  );
}

function Bubble({ message, thread, arrived }: { message: messaging.Message; thread: messaging.Thread; arrived: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  const own = message.author_id === me.person_id;
  const author = thread.participants.find((p) => p.person_id === message.author_id)?.name ?? "";
  return (
    <li className={`bubble ${own ? "own" : ""} ${arrived ? "arrived" : ""}`}>
      {!own && <b className="small">{author}</b>}
      <p>{message.text}</p>
      <p className="soft small">
        <time dateTime={message.at}>{moment(message.at)}</time>
        {own && ` · ${t(`messages.state.${stateOf(message)}`)}`}
      </p>
    </li>
  );
}

/** The least that is true of every reader; a failure is always told. */
function stateOf({ deliveries }: messaging.Message): messaging.DeliveryState {
  const states = deliveries.map((d) => d.state);
  if (states.includes("failed")) return "failed";
  const order = ["sent", "delivered", "seen"] as const;
  return order.find((state) => states.includes(state)) ?? "sent";
}
