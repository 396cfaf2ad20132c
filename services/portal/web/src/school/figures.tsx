import i18next from "i18next";
import { useTranslation } from "react-i18next";
import type { SchoolDay } from "../api/staff";

/** «95.2» as the reader writes it: «95,2 %». */
export function percent(share: string | null): string {
  if (share === null) return "–";
  const shown = i18next.language === "en" ? share : share.replace(".", ",");
  return `${shown}\u00a0%`;
}

/** The day in six figures, each with what it is counted from. */
export function Figures({ day }: { day: SchoolDay }) {
  const { t } = useTranslation();
  const { absent, holiday, late, lessons, marks, places, pupils, unexcused } = day;
  if (lessons.planned === 0) {
    return <p className="card figures-none">{holiday ?? t("school.noLessons")}</p>;
  }
  const came = places.present + places.late;
  const missing = day.missing.length;
  const figures = [
    { key: "share", value: percent(places.share), hint: t("school.cameOf", { came: number(came), all: number(came + places.absent) }) },
    { key: "absent", value: number(absent), hint: t("school.ofPupils", { count: pupils, shown: number(pupils) }) },
    { key: "unexcused", value: number(unexcused), hint: t("school.unexcusedHint"), warn: unexcused > 0 },
    { key: "late", value: number(late), hint: t("school.lateHint") },
    {
      key: "rolls",
      value: t("school.of", { part: number(lessons.taken), all: number(lessons.held) }),
      hint: missing > 0 ? t("school.withoutRoll", { count: missing }) : t("school.allRollsHint"),
      warn: missing > 0,
    },
    { key: "marks", value: number(marks), hint: t("school.marksHint") },
  ];
  return (
    <dl className="card figures">
      {figures.map(({ hint, key, value, warn }) => (
        <div key={key}>
          <dt className="small">{t(`school.${key}`)}</dt>
          <dd>
            <b>{value}</b>
            <span className={warn ? "small change under" : "small soft under"}>{hint}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

export const number = (value: number) => value.toLocaleString(i18next.language === "en" ? "en-GB" : "ru-RU");
