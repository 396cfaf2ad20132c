import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as reporting from "../api/reporting";
import type { Child } from "../api/roster";
import * as roster from "../api/roster";
import { firstOfMonth } from "../calendar";
import { RangeSwitch, useRange, type Range } from "../frame/range";
import { Empty, Loaded } from "../frame/states";
import { TakeAway } from "../frame/take-away";
import { diariesOf, isA, isTeacher, runs, todayAt, useMe } from "../frame/who";
import "./reports.css";

/** Everything that can be read over a period or taken away as a file, for whoever it is that looks. */
export function ReportsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const today = todayAt(me);
  const { go, ...range } = useRange({ first: firstOfMonth(today), last: today });
  const led = me.schools.filter((school) => runs(me, school.school_id));
  const children = diariesOf(me);
  const files = isTeacher(me) || children.length > 0;
  return (
    <>
      <title>{t("tab.reports")}</title>
      <div className="head">
        <h1>{t("tab.reports")}</h1>
        {files && <RangeSwitch range={range} today={today} go={go} />}
      </div>
      <div className="reports">
        {led.map(({ school_id, name }) => (
          <School key={school_id} school={school_id} name={name} range={files ? range : null} />
        ))}
        {isA(me, "officer") && (
          <section className="card" aria-labelledby="of-district">
            <h2 id="of-district">{t("tab.district")}</h2>
            <ul>
              <Report to="/district" name="district" />
              <Report to="/erasures" name="erasures" />
            </ul>
          </section>
        )}
        {isTeacher(me) && <Sheets range={range} today={today} />}
        {children.map((child) => (
          <OfChild key={child.person_id} child={child} range={range} />
        ))}
        {!files && led.length === 0 && !isA(me, "officer") && <Empty title={t("home.nobody")} text={t("home.nobodyText")} />}
      </div>
    </>
  );
}

/** A line that leads to a report: what it is called and what it says. */
function Report({ to, name }: { to: string; name: string }) {
  const { t } = useTranslation();
  return (
    <li>
      <Link to={to}>{t(`service.${name}.name`)}</Link>
      <span className="soft small under">{t(`reports.${name}`)}</span>
    </li>
  );
}

/** `range`: the period chosen above, if one is. */
function School({ school, name, range }: { school: string; name: string; range: Range | null }) {
  const me = useMe();
  const days = range ? `&first=${range.first}&last=${range.last}` : "";
  return (
    <section className="card" aria-labelledby={`of-${school}`}>
      <h2 id={`of-${school}`}>{name}</h2>
      <ul>
        <Report to={`/school/attendance?school=${school}${days}`} name="attended" />
        <Report to={`/school/discipline?school=${school}${days}`} name="discipline" />
        <Report to={`/school/completeness?school=${school}${days}`} name="complete" />
        <Report to="/terms" name="terms" />
        {isA(me, "administrator") && <Report to={`/school?school=${school}`} name="school" />}
        {isA(me, "administrator") && <Report to={`/audit?school=${school}`} name="audit" />}
      </ul>
    </section>
  );
}

const byTitle = new Intl.Collator("ru", { numeric: true });

/** The lists of a teacher's own groups, each as a file. */
function Sheets({ range, today }: { range: Range; today: string }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["groups", "mine"], queryFn: () => roster.groups(true), staleTime: 300_000 });
  return (
    <section className="card" aria-labelledby="sheets">
      <h2 id="sheets">{t("reports.sheets")}</h2>
      <p className="soft small">{t("reports.sheetsText")}</p>
      <Loaded query={query}>
        {(all) => {
          const groups = all.filter((one) => one.starts <= today && today <= one.ends).sort((a, b) => byTitle.compare(a.title, b.title));
          if (groups.length === 0) return <p className="soft">{t("journal.noGroups")}</p>;
          return (
            <ul>
              {groups.map((one) => (
                <li key={one.group_id} className="reports-file">
                  <Link to={`/journal/${one.group_id}?first=${range.first}&last=${range.last}`}>{one.title}</Link>
                  <TakeAway href={(kind) => reporting.sheetFile(kind, one.group_id, range.first, range.last)} of={one.title} />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}

function OfChild({ child: { person_id: pupil, name }, range }: { child: Child; range: Range }) {
  const { t } = useTranslation();
  const days = `?first=${range.first}&last=${range.last}`;
  return (
    <section className="card" aria-labelledby={`of-${pupil}`}>
      <h2 id={`of-${pupil}`}>{name}</h2>
      <ul>
        <li className="reports-file">
          <span>
            <Link to={`/pupils/${pupil}/marks${days}`}>{t("service.marks.name")}</Link>
            <span className="soft small under">{t("reports.marks")}</span>
          </span>
          <TakeAway href={(kind) => reporting.marksFile(kind, { pupil, ...range, subjects: [] })} of={name} />
        </li>
        <Report to={`/pupils/${pupil}/attendance${days}`} name="attendance" />
        <Report to={`/pupils/${pupil}/changes`} name="changes" />
        <Report to={`/pupils/${pupil}/readings`} name="readings" />
      </ul>
    </section>
  );
}
