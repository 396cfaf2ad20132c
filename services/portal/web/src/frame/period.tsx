import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { addDays, isDay, mondayOf, span } from "../calendar";
import "./period.css";

/** The week in the address (`?week=` any day of it), or this week. */
export function useWeek(today: string): { first: string; last: string; go: (day: string) => void } {
  const [search, setSearch] = useSearchParams();
  const asked = search.get("week");
  const first = mondayOf(isDay(asked) ? asked : today);
  function go(day: string) {
    setSearch((old) => {
      old.set("week", mondayOf(day));
      return old;
    });
  }
  return { first, last: addDays(first, 6), go };
}

export function WeekSwitch({ first, today, go }: { first: string; today: string; go: (day: string) => void }) {
  const { t } = useTranslation();
  const here = mondayOf(today) === first;
  return (
    <div className="line" role="group" aria-label={t("week.label")}>
      <button type="button" className="button" onClick={() => go(addDays(first, -7))} aria-label={t("week.before")}>
        ‹
      </button>
      <label className="button plain week-name">
        <span aria-hidden="true">{span(first, addDays(first, 6))}</span>
        <input
          type="date"
          value={here ? today : first}
          aria-label={t("week.choose", { week: span(first, addDays(first, 6)) })}
          onChange={(event) => isDay(event.target.value) && go(event.target.value)}
          onClick={(event) => event.currentTarget.showPicker()}
        />
      </label>
      <button type="button" className="button" onClick={() => go(addDays(first, 7))} aria-label={t("week.after")}>
        ›
      </button>
      {!here && (
        <button type="button" className="button plain" onClick={() => go(today)}>
          {t("week.this")}
        </button>
      )}
    </div>
  );
}
