import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as messaging from "../api/messaging";
import * as notify from "../api/notify";
import { moment } from "../calendar";
import { useMe } from "../frame/who";
import { others } from "../messages/list";

const SHOWN = 4;

/** Messages and notices not read yet, newest first; nothing at all when there are none. */
export function Unread() {
  const { t } = useTranslation();
  const me = useMe();
  const talks = useQuery({ queryKey: ["conversations"], queryFn: messaging.conversations });
  const feed = useQuery({ queryKey: ["feed"], queryFn: notify.feed });
  const written = (talks.data?.conversations ?? []).filter((c) => c.unread > 0);
  const shown = new Set(written.map((c) => `/messages/${c.conversation_id}`)); // its notice says no more
  const told = (feed.data?.notices ?? []).filter((n) => n.seen_at === null && !(n.link && shown.has(n.link)));
  if (written.length + told.length === 0) return null;
  return (
    <section className="card stack" aria-labelledby="unread">
      <h2 id="unread">{t("today.unread")}</h2>
      <ul>
        {written.slice(0, SHOWN).map((talk) => (
          <li key={talk.conversation_id}>
            <Link to={`/messages/${talk.conversation_id}`} className="unread-line">
              <b>{talk.subject}</b>
              <span className="soft small">
                {others(talk, me.person_id)}
                {talk.last && ` · ${moment(talk.last.at)}`}
              </span>
            </Link>
          </li>
        ))}
        {told.slice(0, SHOWN).map((notice) => (
          <li key={notice.notice_id}>
            <Link to={notice.link ?? "/notices"} className="unread-line">
              <span>{notice.text}</span>
              <span className="soft small">{moment(notice.at)}</span>
            </Link>
          </li>
        ))}
      </ul>
      {written.length > SHOWN && <Link to="/messages">{t("today.allMessages", { count: written.length })}</Link>}
      {told.length > SHOWN && <Link to="/notices">{t("today.allNotices", { count: told.length })}</Link>}
    </section>
  );
}
