import { memo } from "react";
import { useTranslation } from "react-i18next";
import { dayAndMonth, shortDay, shortWeekday } from "../calendar";
import { kindName, kindShort, showWeight } from "../marks/values";
import type { Column } from "./columns";

type Props = { column: Column; place: number; today: string; mine: boolean; open: (column: Column) => void };

/** Date, lesson, kind and weight. The head's button opens the work, or offers one where the lesson has none. */
export const ColumnHead = memo(function ColumnHead({ column, place, today, mine, open }: Props) {
  const { t } = useTranslation();
  const { work, on, number, lesson } = column;
  const now = on === today;
  const lesson_ = t("journal.lessonOf", { day: dayAndMonth(on), number });
  const can = mine && !lesson?.cancelled; // a test is planned before its day
  const change = mine ? `, ${t("frame.edit").toLowerCase()}` : "";
  const label = work
    ? `${lesson_}: ${kindName(work.kind)}${work.title ? ` «${work.title}»` : ""}, ${t("mark.weight")} ${showWeight(work.weight)}${work.draft ? `, ${t("work.draft")}` : ""}${change}`
    : `${lesson_}: ${can ? t("journal.add") : t("journal.noWork")}`;
  return (
    <th
      role="columnheader"
      scope="col"
      aria-colindex={place + 1}
      className={`column-head ${now ? "today" : ""} ${work?.draft ? "draft" : ""} ${column.begins ? "begins" : ""} ${lesson?.cancelled ? "cancelled" : ""}`}
    >
      <button type="button" tabIndex={-1} data-at={`0:${place}`} title={work?.title ?? lesson?.topic ?? undefined} onClick={() => open(column)}>
        <span className="weekday">
          {shortWeekday(on)} · {number}
        </span>
        <b>{shortDay(on)}</b>
        {work ? (
          <span className="kind">
            {kindShort(work.kind)} <span className="weight">{showWeight(work.weight)}</span>
          </span>
        ) : (
          <span className={can ? "kind add" : "kind"}>{can ? "+" : "·"}</span>
        )}
        {work && mine && (
          <svg className="head-pen" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M2 14l1-4 8-8 3 3-8 8z" />
          </svg>
        )}
        {work?.draft && (
          <span className="draft-word" aria-hidden="true">
            {t("work.draft")}
          </span>
        )}
        <span className="unseen">{label}</span>
      </button>
    </th>
  );
});
