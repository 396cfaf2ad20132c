import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Target } from "../api/grades";
import * as reporting from "../api/reporting";
import { firstOfMonth, lastOfMonth, shortDay, shownDay } from "../calendar";
import { MomentBanner, useMoment } from "../frame/moment";
import { PupilFoot } from "../frame/pupil-foot";
import { PupilHead } from "../frame/pupil-head";
import { RangeSwitch, useRange, useTerms } from "../frame/range";
import { Empty, Loaded, Skeleton } from "../frame/states";
import { TakeAway } from "../frame/take-away";
import { usePupil } from "../frame/who";
import { markId } from "../diary/page";
import { useArrived } from "../live/use";
import { AheadCard } from "../ahead/card";
import { Comparison } from "./comparison";
import { Finals } from "./finals";
import { SubjectFilter, useSubjects } from "./filter";
import { MarkChip } from "./mark";
import "./page.css";
import { Sum } from "./sum";
import { TargetLine, useTargets } from "./target";
import { AverageTrend } from "./trend";
import { kindName, showAverage, showWeight } from "./values";
import { WhatIf } from "./what-if";

/** All marks by subject, averages on top; each average opens to its sum. */
export function MarksPage() {
  const { t } = useTranslation();
  const { pupil, today } = usePupil();
  const { termOf, known } = useTerms();
  const { first, last, go } = useRange(termOf(today) ?? { first: firstOfMonth(today), last: lastOfMonth(today) });
  const { asOf } = useMoment();
  const { subjects, choose } = useSubjects();
  const wanted = { pupil, first, last, asOf, subjects };
  const query = useMarks(wanted, known);
  const all = useMarks({ ...wanted, subjects: [] }, known);
  return (
    <>
      <PupilHead title={t("tab.marks")}>
        <p className="printed">
          {shownDay(first)} – {shownDay(last)}
          {subjects.length > 0 && `, ${subjects.join(", ")}`}
        </p>
        <div className="line unprinted">
          <RangeSwitch range={{ first, last }} today={today} go={go} />
          <SubjectFilter all={all.data?.subjects.map((one) => one.subject) ?? []} chosen={subjects} choose={choose} />
          <TakeAway href={(kind) => reporting.marksFile(kind, wanted)} printed />
        </div>
      </PupilHead>
      <MomentBanner />
      {!asOf && <AheadCard key={pupil} pupil={pupil} today={today} />}
      <Finals pupil={pupil} asOf={asOf} />
      <Loaded query={query} skeleton={<Skeleton lines={4} tall />}>
        {(table) => <Tables key={pupil} table={table} list={`${pupil} ${first} ${last} ${asOf ?? ""} ${subjects.join()}`} />}
      </Loaded>
      <PupilFoot />
    </>
  );
}

function useMarks(wanted: reporting.MarksWanted, enabled: boolean) {
  const { pupil, first, last, asOf, subjects } = wanted;
  return useQuery({ queryKey: ["pupil", pupil, "marks", first, last, asOf, subjects], queryFn: () => reporting.marks(wanted), enabled });
}

function Tables({ table, list }: { table: reporting.MarksTable; list: string }) {
  const { t } = useTranslation();
  const subjects = table.subjects.filter((s) => s.marks.length > 0);
  const targets = useTargets();
  const arrived = useArrived(list, subjects.flatMap((s) => s.marks.map(markId)));
  if (subjects.length === 0) return <Empty title={t("marks.nothing")} text={t("marks.nothingText")} />;
  return (
    <div className="marks-page">
      <Summary table={table} subjects={subjects} />
      {subjects.map((subject, n) => (
        <Subject key={subject.subject} id={`subject-${n}`} subject={subject} target={targets.get(subject.subject)} arrived={arrived} />
      ))}
    </div>
  );
}

function Summary({ table, subjects }: { table: reporting.MarksTable; subjects: reporting.SubjectMarks[] }) {
  const { t } = useTranslation();
  return (
    <section className="card summary" aria-label={t("marks.summary")}>
      <div className="overall">
        <span className="soft">{t("marks.overall")}</span>
        <Sum of={table.overall} name={t("marks.overall")} className="overall-number" />
        <span className="soft small">{t("marks.count", { count: table.overall.count })}</span>
      </div>
      <Comparison subjects={subjects} sum={(subject) => <Sum of={subject} name={subject.subject} />} />
    </section>
  );
}

type SubjectProps = { id: string; subject: reporting.SubjectMarks; target: Target | undefined; arrived: ReadonlySet<string> };

function Subject({ id, subject, target, arrived }: SubjectProps) {
  const { t } = useTranslation();
  const { pupil } = usePupil();
  return (
    <section className="card subject" id={id} aria-labelledby={`${id}-name`}>
      <h2 id={`${id}-name`}>
        {subject.subject} <Sum of={subject} name={subject.subject} />
      </h2>
      <TargetLine subject={subject} target={target} />
      <AverageTrend subject={subject} />
      <table className="marks-table">
        <thead>
          <tr>
            <th scope="col">{t("mark.date")}</th>
            <th scope="col">{t("mark.kind")}</th>
            <th scope="col" className="weight-column">{t("mark.weight")}</th>
            <th scope="col">{t("mark.mark")}</th>
            <th scope="col">{t("mark.averageAfterShort")}</th>
          </tr>
        </thead>
        <tbody>
          {subject.marks.map((mark) => (
            <tr key={mark.work_id}>
              <td className="date">{shortDay(mark.on)}</td>
              <td>
                {kindName(mark.kind)} <span className="soft weight-inline">{showWeight(mark.weight)}</span>
                {mark.title && <span className="soft small under">{mark.title}</span>}
              </td>
              <td className="soft weight-column">{showWeight(mark.weight)}</td>
              <td>
                <MarkChip mark={mark} pupil={pupil} arrived={arrived.has(markId(mark))} />
              </td>
              <td className="running">{showAverage(mark.average)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <WhatIf subject={subject} />
    </section>
  );
}
