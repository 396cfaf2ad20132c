import { useTranslation } from "react-i18next";
import type { Average } from "../api/grades";
import { Disclosed } from "../frame/disclosed";
import "./sum.css";
import { showAverage } from "./values";

/** An average that opens to its own calculation. */
export function Sum({ of, name, className = "average" }: { of: Average; name: string; className?: string }) {
  const { t } = useTranslation();
  const shown = showAverage(of.average);
  if (of.average === null) return <span className="soft">{shown}</span>;
  return (
    <Disclosed className={className} label={t("marks.averageOf", { subject: name, average: shown })} face={shown}>
      <p className="small soft">{t("marks.sum")}</p>
      <p>{showAverage(of.sum)}</p>
    </Disclosed>
  );
}
