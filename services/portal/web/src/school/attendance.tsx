import { useTranslation } from "react-i18next";
import * as staff from "../api/staff";
import { showAverage } from "../marks/values";
import { ReportPage } from "./report";

const KINDS = ["lessons", "absent", "unexcused", "late"] as const;

/** Attendance of a school over a period. */
export function SchoolAttendancePage() {
  const { t } = useTranslation();
  return (
    <ReportPage<staff.Attended>
      report={{
        key: "attended",
        title: t("attended.title"),
        nothing: t("attended.nothing"),
        nothingText: t("attended.nothingText"),
        read: staff.attended,
        file: staff.attendedFile,
        columns: [...KINDS, "share"].map((kind) => t(`attended.${kind}`)),
        cells: (counts) => [...KINDS.map((kind) => counts[kind]), counts.share === null ? "–" : `${showAverage(counts.share)} %`],
        page: "attendance",
      }}
    />
  );
}
