import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Outlet, ScrollRestoration, useLocation, useNavigation } from "react-router";
import * as roster from "../api/roster";
import { OfflineBanner } from "../offline/banner";
import { useLive } from "../live/use";
import { Account } from "./account";
import { Favourites, Star } from "./favourites";
import { ChildSwitch, rememberChild } from "./children";
import "./frame.css";
import { Failed, Skeleton } from "./states";
import { useAnnounced } from "./status";
import { Tabs } from "./tabs";
import { Tour } from "./tour";
import { diariesOf, isStaff, isTeacher, rememberToday, todayAt, Who } from "./who";
import { Whose } from "./whose";

const Search = lazy(() => import("./search").then((m) => ({ default: m.Search })));

/** Menu on the left, search and tabs on top, the page in the middle; signed-in people only. */
export function Frame() {
  const { t } = useTranslation();
  const who = useQuery({
    queryKey: ["me"],
    queryFn: roster.me,
    staleTime: 300_000,
  });
  const words = useAnnounced();
  const today = who.data?.schools[0]?.today;
  useEffect(() => {
    if (today) rememberToday(today);
  }, [today]);
  return (
    <>
      <a className="skip" href="#page">
        {t("frame.skip")}
      </a>
      {who.data ? (
        <Who value={who.data}>
          <Inside me={who.data} />
        </Who>
      ) : (
        <main className="page">{who.isError ? <Failed error={who.error} retry={() => void who.refetch()} /> : <Skeleton lines={8} />}</main>
      )}
      <div className="unseen" role="status" aria-live="polite">
        {words}
      </div>
      <ScrollRestoration getKey={(place) => place.pathname} />
    </>
  );
}

function Inside({ me }: { me: roster.Me }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const busy = useNavigation().state !== "idle";
  const children = diariesOf(me);
  const pupil = /^\/pupils\/([^/]+)/.exec(pathname)?.[1];
  const [open, setOpen] = useState(false);
  const own = children.map((c) => c.person_id);
  // a family's one stream has all its children, whichever page is open
  useLive(pupil && !own.includes(pupil) ? [pupil] : own);
  useEffect(() => setOpen(false), [pathname]);
  useEffect(() => {
    if (!isTeacher(me)) return;
    let stop: (() => void) | undefined;
    void import("../offline/keep").then((m) => (stop = m.keepLessons(me, todayAt(me)))).catch(() => undefined); // no line: what is kept is kept
    return () => stop?.();
  }, [me]);
  useEffect(() => {
    if (pupil && children.some((c) => c.person_id === pupil)) rememberChild(pupil);
  }, [pupil, children]);
  return (
    <div className="frame">
      <aside className={open ? "side open" : "side"}>
        <div className="brand">
          <Link to="/" className="product">
            <img src="/icon.svg" alt="" width="28" height="28" /> {t("frame.product")}
          </Link>
          <button type="button" className="button plain menu-button" aria-expanded={open} aria-controls="menu" onClick={() => setOpen(!open)}>
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
              <path d="M1 3h14M1 8h14M1 13h14" stroke="currentColor" strokeWidth="1.6" />
            </svg>
            <span className="unseen">{t("frame.menu")}</span>
          </button>
        </div>
        <div className="menu" id="menu">
          <nav className="menu-nav" aria-label={t("frame.menu")}>
            <p className="menu-head" id="menu-education">
              {t("frame.education")}
            </p>
            <ul aria-labelledby="menu-education">
              <li>
                <Link to="/" className="menu-link" aria-current="true">
                  {t("frame.diary")}
                </Link>
              </li>
            </ul>
          </nav>
          <nav className="menu-nav" aria-label={t("favourites.title")}>
            <Favourites me={me} />
          </nav>
          <Account me={me} />
        </div>
        <ChildSwitch children={children} />
      </aside>
      <div className="work">
        <header className="top">
          <div className="top-line">
            <SearchLine me={me} />
            <Star me={me} />
          </div>
          {pupil && own.includes(pupil) && <Whose pupil={pupil} />}
          <Tabs me={me} />
        </header>
        <main className="page" id="page" tabIndex={-1} aria-busy={busy}>
          <OfflineBanner />
          <Tour me={me} />
          <Outlet />
        </main>
      </div>
    </div>
  );
}

/** The staff's search is there at once; a family's is fetched when it is wanted, so that the diary comes first. */
function SearchLine({ me }: { me: roster.Me }) {
  const { t } = useTranslation();
  const staff = isStaff(me);
  const [begun, setBegun] = useState(false); // the line was in hand before it could take a letter
  const closed = (
    <div className="search">
      <input className="input" type="search" readOnly aria-label={t("search.label")} placeholder={t(staff ? "search.placeholder" : "search.placeholderFamily")} onFocus={() => setBegun(true)} />
    </div>
  );
  if (!staff && !begun) return closed;
  return (
    <Suspense fallback={closed}>
      <Search begin={begun} />
    </Suspense>
  );
}
