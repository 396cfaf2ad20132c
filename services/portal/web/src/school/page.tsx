import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { Me, School } from "../api/roster";
import * as staff from "../api/staff";
import { isDay, longDay } from "../calendar";
import { MomentBanner, MomentChoice, useMoment } from "../frame/moment";
import { Loaded, NotYours, Skeleton } from "../frame/states";
import { useMe } from "../frame/who";
import { WaitingClaims } from "../ties/waiting";
import { AwayList } from "./away";
import { Classes } from "./classes";
import { DaySwitch } from "./day-switch";
import { Figures } from "./figures";
import { MissingRolls } from "./missing";
import "./school.css";
import { Trend } from "./trend";
import { WaitingAbsences } from "./waiting";

const AGAIN = 30_000; // milliseconds

const PAGES = [
  { to: "/school/attendance", name: "attended.title" },
  { to: "/school/discipline", name: "discipline.title" },
  { to: "/school/completeness", name: "complete.title" },
  { to: "/rule", name: "rule.title" },
  { to: "/audit", name: "audit.title" },
] as const;

/** Schools whose day this person may see. */
export function headOf(me: Me): School[] {
  const ids = me.roles.filter((r) => r.role === "administrator").map((r) => r.school_id);
  return me.schools.filter((s) => ids.includes(s.school_id));
}

/** A school's day: who is away, which lessons have no roll, the ten days before. */
export function SchoolPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [search, setSearch] = useSearchParams();
  const mine = headOf(me);
  const school = search.get("school") ?? mine[0]?.school_id;
  const known = me.schools.find((s) => s.school_id === school);
  const today = known?.today ?? me.schools[0]?.today ?? "";
  const asked = search.get("on");
  const on = isDay(asked) ? asked : today;

  function go(changes: Record<string, string>) {
    setSearch((old) => {
      for (const [name, value] of Object.entries(changes)) old.set(name, value);
      if (old.get("on") === today) old.delete("on"); // an address without a day stays today's
      return old;
    });
  }

  if (!school) return <NotYours />;
  return (
    <>
      <title>{known ? `${t("tab.school")} · ${known.name}` : t("tab.school")}</title>
      <div className="head">
        <div className="school-name">
          {mine.length > 1 ? (
            <select className="button" aria-label={t("school.choose")} value={school} onChange={(event) => go({ school: event.target.value })}>
              {mine.map((s) => (
                <option key={s.school_id} value={s.school_id}>
                  {s.name}
                </option>
              ))}
            </select>
          ) : (
            <p className="soft">
              {known?.name} {me.roles.some((r) => r.role === "officer") && <Link to="/district">{t("district.all")}</Link>}
            </p>
          )}
          <h1>{longDay(on)}</h1>
        </div>
        <DaySwitch on={on} today={today} go={(day) => go({ on: day })} />
      </div>
      <nav className="line school-pages unprinted" aria-label={t("school.pages")}>
        {PAGES.map(({ to, name }) => (
          <Link key={to} className="button" to={`${to}?school=${school}`}>
            {t(name)}
          </Link>
        ))}
      </nav>
      <MomentBanner />
      {on === today && <WaitingClaims />}
      {on === today && <WaitingAbsences />}
      <Day school={school} on={on} go={(day) => go({ on: day })} />
      <footer className="line page-foot">
        <MomentChoice />
      </footer>
    </>
  );
}

function Day({ school, on, go }: { school: string; on: string; go: (on: string) => void }) {
  const { asOf } = useMoment();
  const query = useQuery({
    queryKey: ["school-day", school, on, asOf],
    queryFn: () => staff.schoolDay(school, on, asOf),
    refetchInterval: asOf === undefined && AGAIN,
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={query} skeleton={<DaySkeleton />}>
      {(day) => (
        <div className="school-page" aria-busy={query.isPlaceholderData}>
          <Figures day={day} />
          <div className="school-columns">
            <div className="stack">
              <Classes day={day} />
            </div>
            <div className="stack">
              <MissingRolls day={day} />
              <Trend days={day.days} on={on} go={go} />
              <AwayList away={day.away} />
            </div>
          </div>
        </div>
      )}
    </Loaded>
  );
}

function DaySkeleton() {
  return (
    <div className="school-page">
      <div className="card">
        <Skeleton lines={2} />
      </div>
      <div className="card">
        <Skeleton lines={10} />
      </div>
    </div>
  );
}
