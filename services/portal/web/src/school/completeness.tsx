import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import * as staff from "../api/staff";
import { addDays } from "../calendar";
import { RangeSwitch, useRange, type Range } from "../frame/range";
import { Sign } from "../frame/sign";
import { Empty, Loaded, NotYours } from "../frame/states";
import { runs, useMe } from "../frame/who";
import { Gaps } from "../today/gaps";
import "../today/today.css";
import "./school.css";

const WEEK = 6; // days before today that a first look shows
const KINDS = ["rolls", "works", "topics", "homework"] as const;

/** What is missing in the journals of a school, by teacher; each opens to the very lessons. */
export function CompletenessPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [search] = useSearchParams();
  const school = search.get("school") ?? me.schools.find((s) => runs(me, s.school_id))?.school_id;
  const known = me.schools.find((s) => s.school_id === school);
  const today = known?.today ?? me.schools[0]?.today ?? "";
  const { go, ...range } = useRange({ first: addDays(today, -WEEK), last: today });
  if (!school) return <NotYours />;
  return (
    <>
      <title>{t("complete.title")}</title>
      <div className="head">
        <div className="school-name">
          <p className="soft">{known?.name}</p>
          <h1>{t("complete.title")}</h1>
        </div>
        <RangeSwitch range={range} today={today} go={go} />
      </div>
      <Board school={school} range={range} />
    </>
  );
}

function Board({ school, range }: { school: string; range: Range }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ["completeness", school, range.first, range.last],
    queryFn: () => staff.completeness(school, range.first, range.last),
  });
  return (
    <Loaded query={query}>
      {(board) => {
        if (board.lessons === 0) return <Empty title={t("complete.nothing")} text={t("complete.nothingText")} />;
        const lacking = board.teachers.filter((one) => KINDS.some((kind) => one[kind] > 0));
        return (
          <>
            <p className="complete-whole">
              {t("complete.lessons", { count: board.lessons })} <Counts of={board} />
            </p>
            {lacking.map((one) => (
              <Teacher key={one.teacher_id ?? "nobody"} one={one} school={school} range={range} />
            ))}
            {lacking.length < board.teachers.length && (
              <p className="soft">{t("complete.others", { count: board.teachers.length - lacking.length })}</p>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

/** What is missing, in words; that nothing is, too. */
function Counts({ of }: { of: staff.Missing }) {
  const { t } = useTranslation();
  const kinds = KINDS.filter((kind) => of[kind] > 0);
  if (kinds.length === 0)
    return (
      <span>
        <Sign kind="done" /> {t("complete.all")}
      </span>
    );
  return (
    <span className="complete-counts">
      {kinds.map((kind) => (
        <span key={kind}>{t(`complete.${kind}`, { count: of[kind] })}</span>
      ))}
    </span>
  );
}

function Teacher({ one, school, range }: { one: staff.OfTeacher; school: string; range: Range }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <details className="card complete-teacher" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="complete-line">
          <b>{one.name ?? t("complete.nobody")}</b> <Counts of={one} />
        </span>
      </summary>
      {open && one.teacher_id && <Lessons teacher={one.teacher_id} school={school} range={range} />}
    </details>
  );
}

function Lessons({ teacher, school, range }: { teacher: string; school: string; range: Range }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ["lessons-given", teacher, range.first, range.last],
    queryFn: () => staff.lessonsGiven(teacher, range.first, range.last),
  });
  const reminder = new URLSearchParams({ to: teacher, subject: t("complete.title"), text: t("complete.reminder") });
  return (
    <Loaded query={query}>
      {({ lessons }) => (
        <>
          <Gaps lessons={lessons.filter((lesson) => lesson.school_id === school)} />
          <Link className="button" to={`/messages/new?${reminder}`}>
            {t("complete.remind")}
          </Link>
        </>
      )}
    </Loaded>
  );
}
