import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import * as reporting from "../api/reporting";
import { addDays, isDay } from "../calendar";
import { NotYours } from "../frame/states";
import { trueDayAt, useMe } from "../frame/who";
import { usePupilName } from "../frame/whose";
import { deed } from "../history/entry";
import { headOf } from "../school/page";
import { OperationList } from "./operations";
import "./audit.css";

const DAYS = 7; // what a first look shows
const TYPES = [
  "diary.grades.marks-given.v1",
  "diary.grades.mark-corrected.v1",
  "diary.grades.mark-removed.v1",
  "diary.grades.work-opened.v1",
  "diary.grades.work-changed.v1",
  "diary.grades.work-removed.v1",
  "diary.grades.rule-set.v1",
  "diary.grades.target-set.v1",
  "diary.attendance.roll-taken.v1",
  "diary.attendance.presence-corrected.v1",
  "diary.lessons.topic-written.v1",
  "diary.lessons.homework-set.v1",
  "diary.lessons.lesson-cancelled.v1",
  "diary.lessons.lesson-moved.v1",
  "diary.lessons.lesson-substituted.v1",
  "diary.lessons.lesson-restored.v1",
  "diary.lessons.timetable-set.v1",
  "diary.lessons.bells-set.v1",
  "diary.lessons.holidays-set.v1",
  "diary.messaging.conversation-opened.v1",
  "diary.messaging.message-sent.v1",
  "diary.roster.claim-decided.v1",
  "diary.roster.invitation-issued.v1",
  "diary.roster.invitation-redeemed.v1",
  "diary.roster.family-set.v1",
];

/** Every operation in a school: who, what, when, before and after. */
export function AuditPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [search, setSearch] = useSearchParams();
  const mine = headOf(me);
  const school = search.get("school") ?? mine[0]?.school_id;
  const asked = useAsked(school);

  function set(name: string, value: string) {
    setSearch(
      (old) => {
        if (value) old.set(name, value);
        else old.delete(name);
        return old;
      },
      { replace: true },
    );
  }

  if (!school) return <NotYours />;
  return (
    <>
      <title>{t("audit.title")}</title>
      <div className="head">
        <div>
          <p className="soft">{me.schools.find((s) => s.school_id === school)?.name}</p>
          <h1>{t("audit.title")}</h1>
        </div>
        <a className="button" href={reporting.auditFile(school, asked)} download>
          {t("audit.download")}
        </a>
      </div>
      <div className="audit-page">
        <div className="audit-filter" role="group" aria-label={t("audit.filter")}>
          {mine.length > 1 && (
            <label>
              {t("school.choose")}
              <select className="input" value={school} onChange={(event) => set("school", event.target.value)}>
                {mine.map((s) => (
                  <option key={s.school_id} value={s.school_id}>
                    {s.name}
                  </option>
                ))}
              </select>
            </label>
          )}
          <Bounds asked={asked} set={set} />
          <label>
            {t("audit.what")}
            <select className="input" value={asked.types ?? ""} onChange={(event) => set("types", event.target.value)}>
              <option value="">{t("audit.everything")}</option>
              {TYPES.map((type) => (
                <option key={type} value={type}>
                  {deed(type)}
                </option>
              ))}
            </select>
          </label>
          {asked.person_id && <About person={asked.person_id} drop={() => set("person_id", "")} />}
        </div>
        <OperationList name={[school, asked]} ask={(before) => reporting.audit(school, { ...asked, before })} />
      </div>
    </>
  );
}

/** What the address asks for: two days, a kind of operation, a person. Until today, if it does not say. */
export function useAsked(school?: string | null): reporting.AuditOf {
  const [search] = useSearchParams();
  const today = trueDayAt(useMe(), school);
  const [first, last] = [search.get("first"), search.get("last")];
  const until = isDay(last) ? last : today;
  const from = isDay(first) && first <= until ? first : addDays(until, 1 - DAYS);
  return { first: from, last: until, types: search.get("types") ?? undefined, person_id: search.get("person_id") ?? undefined };
}

export function Bounds({ asked, set }: { asked: reporting.AuditOf; set: (name: string, value: string) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <label>
        {t("range.first")}
        <input className="input" type="date" value={asked.first} max={asked.last} onChange={(event) => isDay(event.target.value) && set("first", event.target.value)} />
      </label>
      <label>
        {t("range.last")}
        <input className="input" type="date" value={asked.last} min={asked.first} onChange={(event) => isDay(event.target.value) && set("last", event.target.value)} />
      </label>
    </>
  );
}

function About({ person, drop }: { person: string; drop: () => void }) {
  const { t } = useTranslation();
  const name = usePupilName(person);
  return (
    <button type="button" className="button" aria-pressed="true" onClick={drop}>
      {t("audit.about", { name })} ✕
    </button>
  );
}
