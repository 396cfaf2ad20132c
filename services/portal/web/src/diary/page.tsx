import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import * as reporting from "../api/reporting";
import { mondayOf } from "../calendar";
import { MomentBanner, useMoment } from "../frame/moment";
import { PupilFoot } from "../frame/pupil-foot";
import { PupilHead } from "../frame/pupil-head";
import { useWeek, WeekSwitch } from "../frame/period";
import { Empty, Loaded, Skeleton } from "../frame/states";
import { touring } from "../frame/tour";
import { usePupil } from "../frame/who";
import { useArrived } from "../live/use";
import * as records from "../api/records";
import { Day } from "./day";
import "./diary.css";
import { Signature } from "./signature";

/** The diary as the paper one: a week of days, each with its lessons, marks and absences. */
export function DiaryPage() {
  const { t } = useTranslation();
  const { pupil, today } = usePupil();
  const { first, last, go } = useWeek(today);
  const { asOf } = useMoment();
  const query = useQuery({ queryKey: ["pupil", pupil, "diary", first, last, asOf], queryFn: () => reporting.diary(pupil, first, last, asOf) });
  return (
    <>
      <PupilHead title={t("tab.diary")}>
        <WeekSwitch first={first} today={today} go={go} />
      </PupilHead>
      <MomentBanner />
      <Loaded query={query} skeleton={<WeekSkeleton />}>
        {(diary) => <Week key={pupil} diary={diary} today={today} list={`${pupil} ${first} ${asOf ?? ""}`} earlier={asOf !== undefined} />}
      </Loaded>
      <PupilFoot />
    </>
  );
}

/** `earlier`: the page as it stood, which says so at its top. */
function Week({ diary, today, list, earlier }: { diary: reporting.Diary; today: string; list: string; earlier: boolean }) {
  const { t } = useTranslation();
  const { pupil } = usePupil();
  const lessons = diary.days.flatMap((d) => d.lessons);
  const arrived = useArrived(list, lessons.flatMap(idsOf));
  useEffect(() => {
    // on a phone the days stand under each other: the page opens at today
    if (!earlier && !touring() && scrollY === 0 && matchMedia("(max-width: 1099px)").matches) document.querySelector(".day.now")?.scrollIntoView();
  }, [list, earlier]);
  const remarks = useRemarks(diary, earlier);
  const shown = diary.days.filter((d) => d.lessons.length > 0 || d.holiday !== null || remarks.some((one) => one.on === d.on));
  if (shown.length === 0) return <Empty title={t("diary.nothing")} text={t("diary.nothingText")} />;
  return (
    <>
      <div className="week">
        {shown.map((day) => (
          <Day key={day.on} day={day} today={today} arrived={arrived} remarks={remarks.filter((one) => one.on === day.on)} />
        ))}
      </div>
      {!earlier && <Signature pupil={pupil} monday={mondayOf(shown[0]?.on ?? today)} today={today} diary={diary} />}
    </>
  );
}

/** What the school wrote of the pupil's behaviour in these days; of the present alone. */
function useRemarks(diary: reporting.Diary, earlier: boolean): records.Remark[] {
  const { pupil } = usePupil();
  const [first, last] = [diary.days[0]?.on ?? "", diary.days.at(-1)?.on ?? ""];
  const query = useQuery({
    queryKey: ["remarks", pupil, first, last],
    queryFn: () => records.remarks(pupil, first, last),
    enabled: !earlier && first !== "",
  });
  return query.data?.remarks.filter((one) => one.shown_at !== null && one.withdrawn_at === null) ?? [];
}

/** What may appear while the page is open: each mark with its correction, each absence with its own. */
function idsOf(lesson: reporting.DiaryLesson): string[] {
  const { attendance, lesson_id, marks } = lesson;
  const seen = attendance && (attendance.state !== "present" || attendance.was.length > 0);
  return [...marks.map(markId), ...(seen ? [presenceId(lesson_id, attendance)] : [])];
}

export const markId = (mark: reporting.SeenMark) => `${mark.work_id}:${mark.values.join("/")}:${mark.was.length}`;
export const presenceId = (lesson: string, p: { state: string; was: unknown[] }) => `${lesson}:${p.state}:${p.was.length}`;

function WeekSkeleton() {
  return (
    <div className="week">
      {[0, 1, 2, 3].map((n) => (
        <div key={n} className="card">
          <Skeleton lines={5} />
        </div>
      ))}
    </div>
  );
}
