import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, useLocation } from "react-router";
import * as messaging from "../api/messaging";
import * as notify from "../api/notify";
import type { Me } from "../api/roster";
import { useTimetableLive } from "../live/use";
import { lastChild } from "./children";
import { diariesOf, isA, isStaff, isTeacher } from "./who";

type Tab = { to: string; word: string; count?: number };

/** The tabs this person has at this address. A child's pages have the child in every link. */
function tabsOf(me: Me, pathname: string): Tab[] {
  const children = diariesOf(me);
  const at = /^\/pupils\/([^/]+)/.exec(pathname)?.[1];
  const own = children.find((c) => c.person_id === at);
  const shared = [
    { to: "/reports", word: "reports" },
    { to: "/messages", word: "messages" },
    { to: "/notices", word: "notices" },
    { to: "/settings", word: "settings" },
  ];
  const family = me.children.length > 1 ? [{ to: "/family", word: "family" }] : [];
  if (isStaff(me) && !own) return [...staffTabs(me), ...family, ...shared];
  const child = own ?? lastChild(children);
  return child ? [...family, ...pupilTabs(child.person_id), ...shared] : shared;
}

function staffTabs(me: Me): Tab[] {
  const first = [
    ...(isTeacher(me) ? [{ to: "/today", word: "today" }] : []),
    ...(isA(me, "administrator") ? [{ to: "/school", word: "school" }] : []),
    ...(isA(me, "officer") ? [{ to: "/district", word: "district" }] : []),
  ];
  const rolls = isTeacher(me) ? [{ to: "/roll", word: "attendance" }] : [];
  const homework = isTeacher(me) ? [{ to: "/homework", word: "homework" }] : [];
  const terms = isTeacher(me) || isA(me, "office") || isA(me, "administrator") ? [{ to: "/terms", word: "terms" }] : [];
  return [...first, { to: "/journal", word: "journal" }, ...rolls, ...homework, ...terms, { to: "/timetable", word: "timetable" }];
}

export function pupilTabs(pupil: string): Tab[] {
  return [
    { to: `/pupils/${pupil}/diary`, word: "diary" },
    { to: `/pupils/${pupil}/marks`, word: "marks" },
    { to: `/pupils/${pupil}/attendance`, word: "attendance" },
    { to: `/pupils/${pupil}/homework`, word: "homework" },
    { to: `/pupils/${pupil}/behaviour`, word: "behaviour" },
    { to: `/pupils/${pupil}/timetable`, word: "timetable" },
  ];
}

export function Tabs({ me }: { me: Me }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const row = useRef<HTMLElement>(null);
  const feed = useQuery({ queryKey: ["feed"], queryFn: notify.feed });
  useTimetableLive(feed.data?.notices);
  const talks = useQuery({ queryKey: ["conversations"], queryFn: messaging.conversations });
  const counts: Record<string, number> = {
    notices: feed.data?.unread ?? 0,
    messages: talks.data?.conversations.reduce((sum, c) => sum + c.unread, 0) ?? 0,
  };
  // the open page's tab stays in sight, also when a phone is turned
  useEffect(() => {
    const watch = new ResizeObserver(() => row.current?.querySelector(".active")?.scrollIntoView({ block: "nearest", inline: "center" }));
    if (row.current) watch.observe(row.current);
    return () => watch.disconnect();
  }, [pathname]);
  return (
    <nav className="tabs" aria-label={t("frame.tabs")} ref={row}>
      {tabsOf(me, pathname).map(({ to, word }) => (
        <NavLink key={to} to={to} className="tab">
          {t(`tab.${word}`)}
          {(counts[word] ?? 0) > 0 && (
            <span className="count">
              {counts[word]}
              <span className="unseen"> {t("frame.unread")}</span>
            </span>
          )}
        </NavLink>
      ))}
    </nav>
  );
}
