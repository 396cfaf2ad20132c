import { useTranslation } from "react-i18next";
import { addDays, dayAndMonth, isDay, weekday } from "../calendar";
import "../frame/period.css";

/** The day before or after, Sundays left out; any day by the calendar. */
export function DaySwitch({ on, today, go }: { on: string; today: string; go: (on: string) => void }) {
  const { t } = useTranslation();
  const step = (days: 1 | -1) => go(addDays(on, weekday(addDays(on, days)) === 7 ? 2 * days : days));
  return (
    <div className="line" role="group" aria-label={t("day.label")}>
      <button type="button" className="button" onClick={() => step(-1)} aria-label={t("day.before")}>
        ‹
      </button>
      <label className="button plain week-name">
        <span aria-hidden="true">{dayAndMonth(on)}</span>
        <input
          type="date"
          value={on}
          aria-label={t("day.choose", { day: dayAndMonth(on) })}
          onChange={(event) => isDay(event.target.value) && go(event.target.value)}
          onClick={(event) => event.currentTarget.showPicker()}
        />
      </label>
      <button type="button" className="button" onClick={() => step(1)} aria-label={t("day.after")}>
        ›
      </button>
      {on !== today && (
        <button type="button" className="button plain" onClick={() => go(today)}>
          {t("day.today")}
        </button>
      )}
    </div>
  );
}
