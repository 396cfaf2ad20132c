import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { AbsencesCard } from "../absences/card";
import * as reporting from "../api/reporting";
import { fourWeeks, longDay } from "../calendar";
import { presenceId } from "../diary/page";
import { MomentBanner, useMoment } from "../frame/moment";
import { PupilFoot } from "../frame/pupil-foot";
import { PupilHead } from "../frame/pupil-head";
import { RangeSwitch, useRange } from "../frame/range";
import { Empty, Loaded } from "../frame/states";
import { usePupil } from "../frame/who";
import { useArrived } from "../live/use";
import "./page.css";
import { PresenceChip } from "./presence";

/** Day by day: which lessons were missed or begun late. Days on which all was well stay in one line. */
export function AttendancePage() {
  const { t } = useTranslation();
  const { pupil, today } = usePupil();
  const { first, last, go } = useRange(fourWeeks(today));
  const { asOf } = useMoment();
  const query = useQuery({
    queryKey: ["pupil", pupil, "attendance", first, last, asOf],
    queryFn: () => reporting.attendance(pupil, first, last, asOf),
  });
  return (
    <>
      <PupilHead title={t("tab.attendance")}>
        <RangeSwitch range={{ first, last }} today={today} go={go} />
      </PupilHead>
      <MomentBanner />
      <div className="attendance-page">
        {!asOf && <AbsencesCard key={pupil} pupil={pupil} today={today} />}
        <Loaded query={query}>{(data) => <Days key={pupil} data={data} list={`${pupil} ${first} ${last} ${asOf ?? ""}`} />}</Loaded>
      </div>
      <PupilFoot />
    </>
  );
}

function Days({ data, list }: { data: reporting.Attendance; list: string }) {
  const { t } = useTranslation();
  const arrived = useArrived(list, data.days.flatMap((d) => d.lessons.map((l) => presenceId(l.lesson_id, l))));
  if (data.days.length === 0) return <Empty title={t("attendance.nothing")} text={t("attendance.nothingText")} />;
  const { lessons, present, absent, late } = data.totals;
  return (
    <>
      <dl className="card totals">
        {Object.entries({ lessons, present, absent, late }).map(([name, count]) => (
          <div key={name}>
            <dt className="soft small">{t(`attendance.${name}`)}</dt>
            <dd>{count}</dd>
          </div>
        ))}
      </dl>
      <ol className="card attendance-days">
        {[...data.days].reverse().map((day) => (
          <Day key={day.on} day={day} arrived={arrived} />
        ))}
      </ol>
    </>
  );
}

function Day({ day, arrived }: { day: reporting.Attendance["days"][number]; arrived: ReadonlySet<string> }) {
  const { t } = useTranslation();
  const told = day.lessons.filter((l) => l.state !== "present" || l.was.length > 0);
  return (
    <li>
      <h2>{longDay(day.on)}</h2>
      {told.length === 0 && <p className="soft">{t("attendance.allPresent", { count: day.lessons.length })}</p>}
      <ul>
        {told.map((lesson) => (
          <li key={lesson.lesson_id} className="attended">
            <span>
              <b>{lesson.number}</b> {lesson.subject}
            </span>
            <PresenceChip presence={lesson} arrived={arrived.has(presenceId(lesson.lesson_id, lesson))} />
          </li>
        ))}
      </ul>
    </li>
  );
}
