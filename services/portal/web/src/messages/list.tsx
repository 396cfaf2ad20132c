import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as messaging from "../api/messaging";
import { moment } from "../calendar";
import { useNames } from "../frame/names";
import { Empty, Loaded } from "../frame/states";
import { useMe } from "../frame/who";
import { useArrived } from "../live/use";
import "./messages.css";

export function MessagesPage() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["conversations"], queryFn: messaging.conversations });
  return (
    <>
      <title>{t("tab.messages")}</title>
      <div className="head">
        <h1>{t("tab.messages")}</h1>
        <Link className="button main" to="/messages/new">
          {t("messages.new")}
        </Link>
      </div>
      <Loaded query={query}>{({ conversations }) => <List conversations={conversations} />}</Loaded>
    </>
  );
}

function List({ conversations }: { conversations: messaging.Conversation[] }) {
  const { t } = useTranslation();
  const me = useMe();
  const name = useNames(conversations.map((c) => c.pupil_id));
  const arrived = useArrived("conversations", conversations.map((c) => `${c.conversation_id}:${c.last?.at ?? ""}`));
  if (conversations.length === 0) return <Empty title={t("messages.nothing")} text={t("messages.nothingText")} />;
  return (
    <ul className="card talks">
      {conversations.map((talk) => (
        <li key={talk.conversation_id} className={arrived.has(`${talk.conversation_id}:${talk.last?.at ?? ""}`) ? "arrived" : undefined}>
          <Link to={`/messages/${talk.conversation_id}`} className={talk.unread > 0 ? "talk unread" : "talk"}>
            <span className="talk-subject">{talk.subject}</span>
            <span className="soft small talk-time">{talk.last && moment(talk.last.at)}</span>
            <span className="small talk-who">
              {others(talk, me.person_id)}
              {talk.pupil_id && ` · ${t("messages.about", { name: name(talk.pupil_id) })}`}
            </span>
            <span className="soft talk-last">{talk.last?.text}</span>
            {talk.unread > 0 && (
              <span className="count">
                {talk.unread}
                <span className="unseen"> {t("frame.unread")}</span>
              </span>
            )}
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function others({ participants }: { participants: messaging.Participant[] }, me: string): string {
  return participants
    .filter((p) => p.person_id !== me)
    .map((p) => p.name)
    .join(", ");
}
