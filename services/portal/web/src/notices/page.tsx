import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as notify from "../api/notify";
import { isProblem } from "../api/problem";
import { moment } from "../calendar";
import { WithArrows } from "../frame/arrow";
import { ChildSign } from "../frame/children";
import { Empty, Loaded } from "../frame/states";
import { announce } from "../frame/status";
import { diariesOf, useMe } from "../frame/who";
import { useArrived } from "../live/use";
import { Deliveries } from "./deliveries";
import "./notices.css";

/** What happened, newest first; «Прочитано» is the receipt. */
export function NoticesPage() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const query = useQuery({ queryKey: ["feed"], queryFn: notify.feed });
  const unread = (query.data?.notices ?? []).filter((n) => n.seen_at === null).map((n) => n.notice_id);

  async function receipt(ids: string[]) {
    try {
      await notify.seen(ids);
      await queries.invalidateQueries({ queryKey: ["feed"] });
      announce(t("notices.received"));
    } catch (error) {
      if (!isProblem(error)) throw error;
      announce(error.detail || t("state.offlineText"));
    }
  }

  return (
    <div className="notices">
      <title>{t("tab.notices")}</title>
      <div className="head">
        <h1>{t("tab.notices")}</h1>
        {unread.length > 0 && (
          <button type="button" className="button" onClick={() => void receipt(unread)}>
            {t("notices.all", { count: unread.length })}
          </button>
        )}
      </div>
      <Loaded query={query}>{(feed) => <Feed feed={feed} receipt={receipt} />}</Loaded>
    </div>
  );
}

function Feed({ feed, receipt }: { feed: notify.Feed; receipt: (ids: string[]) => Promise<void> }) {
  const { t } = useTranslation();
  const arrived = useArrived("feed", feed.notices.map((n) => n.notice_id));
  return (
    <>
      {feed.notices.length === 0 ? (
        <Empty title={t("notices.nothing")} text={t("notices.nothingText")} />
      ) : (
        <ol className="card notice-list">
          {feed.notices.map((notice) => (
            <Row key={notice.notice_id} notice={notice} arrived={arrived.has(notice.notice_id)} seen={() => void receipt([notice.notice_id])} />
          ))}
        </ol>
      )}
      <Deliveries />
    </>
  );
}

function Row({ notice, arrived, seen }: { notice: notify.Notice; arrived: boolean; seen: () => void }) {
  const { t } = useTranslation();
  const children = diariesOf(useMe());
  const place = children.findIndex((c) => c.person_id === notice.pupil_id);
  const words = <WithArrows text={notice.text} />;
  return (
    <li className={`notice ${notice.seen_at ? "" : "new"} ${arrived ? "arrived" : ""}`}>
      {place >= 0 && (
        <p className="small line">
          <ChildSign place={place} /> {children[place]?.name}
        </p>
      )}
      <p>{notice.link ? <Link to={notice.link}>{words}</Link> : words}</p>
      <div className="line small soft">
        <time dateTime={notice.at}>{moment(notice.at)}</time>
        {notice.seen_at ? (
          <span>{t("notices.seen")}</span>
        ) : (
          <button type="button" className="button small" onClick={seen}>
            {t("notices.confirm")}
          </button>
        )}
      </div>
    </li>
  );
}
