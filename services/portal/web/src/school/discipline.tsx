import { useTranslation } from "react-i18next";
import * as staff from "../api/staff";
import { ReportPage } from "./report";

const KINDS = ["praise", "remark", "incident", "late", "unexcused"] as const;

/** Praise, remarks and incidents, lates and absences without a reason of a school over a period. */
export function DisciplinePage() {
  const { t } = useTranslation();
  return (
    <ReportPage<staff.Behaved>
      report={{
        key: "discipline",
        title: t("discipline.title"),
        nothing: t("discipline.nothing"),
        nothingText: t("discipline.nothingText"),
        read: staff.discipline,
        file: staff.disciplineFile,
        columns: KINDS.map((kind) => t(`discipline.${kind}`)),
        cells: (counts) => KINDS.map((kind) => counts[kind]),
        page: "behaviour",
      }}
    />
  );
}
