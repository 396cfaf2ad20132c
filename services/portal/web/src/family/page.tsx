import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as messaging from "../api/messaging";
import * as notify from "../api/notify";
import * as reporting from "../api/reporting";
import type { Child } from "../api/roster";
import { addDays, longDay } from "../calendar";
import { ChildSign, gradeOf } from "../frame/children";
import { Empty, Loaded, Skeleton } from "../frame/states";
import { todayAt, useMe } from "../frame/who";
import "./family.css";
import { formOf } from "./form";
import { Lessons } from "./lessons";
import { dayShown } from "./news";
import { Absences, Marks } from "./since";

const BACK = 14; // days of the diary in which something new may stand
const AHEAD = 4;

/** All children beside each other, each in a card of its own with its school and class. */
export function FamilyPage() {
  const { t } = useTranslation();
  const me = useMe();
  if (me.children.length === 0) return <Empty title={t("home.nobody")} text={t("home.nobodyText")} />;
  return (
    <>
      <title>{t("tab.family")}</title>
      <div className="head">
        <h1>{longDay(todayAt(me, me.children[0]?.school_id))}</h1>
      </div>
      <div className="family">
        {me.children.map((child, place) => (
          <Card key={child.person_id} child={child} place={place} />
        ))}
      </div>
    </>
  );
}

function Card({ child, place }: { child: Child; place: number }) {
  const me = useMe();
  const id = child.person_id;
  const today = todayAt(me, child.school_id);
  const query = useQuery({
    queryKey: ["pupil", id, "family", today],
    queryFn: () => reporting.diary(id, addDays(today, -BACK), addDays(today, AHEAD)),
  });
  return (
    <section className={`card child-card child-${(place % 5) + 1}`} aria-labelledby={`child-${id}`}>
      <Head child={child} place={place} diary={query.data} />
      <Loaded query={query} skeleton={<Skeleton lines={7} />}>
        {(diary) => (
          <>
            <Lessons day={dayShown(diary, today)} holiday={diary.days.find((d) => d.on === today)?.holiday ?? null} today={today} />
            <Marks child={id} diary={diary} today={today} />
            <Absences child={id} diary={diary} today={today} />
          </>
        )}
      </Loaded>
      <Waiting child={id} />
    </section>
  );
}

function Head({ child, place, diary }: { child: Child; place: number; diary: reporting.Diary | undefined }) {
  const { t } = useTranslation();
  const school = useMe().schools.find((s) => s.school_id === child.school_id)?.name;
  const form = formOf(diary?.days.flatMap((d) => d.lessons.map((l) => l.title)) ?? []);
  const grade = form ? t("children.grade", { grade: form }) : child.grade && gradeOf(child.grade);
  return (
    <div className="child-head">
      <h2 id={`child-${child.person_id}`}>
        <Link to={`/pupils/${child.person_id}/diary`}>
          <ChildSign place={place} /> {child.name}
        </Link>
      </h2>
      <p className="soft small">{[grade, school].filter(Boolean).join(" · ")}</p>
    </div>
  );
}

/** What is not read yet of this child alone: notices about it and letters about it. */
function Waiting({ child }: { child: string }) {
  const { t } = useTranslation();
  const feed = useQuery({ queryKey: ["feed"], queryFn: notify.feed });
  const talks = useQuery({ queryKey: ["conversations"], queryFn: messaging.conversations });
  const notices = (feed.data?.notices ?? []).filter((n) => n.pupil_id === child && n.seen_at === null).length;
  const letters = (talks.data?.conversations ?? []).filter((c) => c.pupil_id === child && c.unread > 0);
  if (notices + letters.length === 0) return null;
  return (
    <p className="line child-waiting">
      {notices > 0 && <Link to="/notices">{t("family.notices", { count: notices })}</Link>}
      {letters.length > 0 && (
        <Link to={letters.length === 1 ? `/messages/${letters[0]?.conversation_id}` : "/messages"}>{t("family.letters", { count: letters.length })}</Link>
      )}
    </p>
  );
}
