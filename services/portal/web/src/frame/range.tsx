import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import * as roster from "../api/roster";
import "./period.css";
import { firstOfMonth, isDay, lastOfMonth, monthName, addMonths, shortDay } from "../calendar";

export type Range = { first: string; last: string };

/** The range in the address (`?first=&last=`), or the one given. */
export function useRange(usual: Range): Range & { go: (range: Range) => void } {
  const [search, setSearch] = useSearchParams();
  const [first, last] = [search.get("first"), search.get("last")];
  const asked = isDay(first) && isDay(last) && first <= last ? { first, last } : usual;
  function go(range: Range) {
    setSearch((old) => {
      old.set("first", range.first);
      old.set("last", range.last);
      return old;
    });
  }
  return { ...asked, go };
}

/** The year and the terms that the school's calendar has; empty until known. */
export function useTerms(): { years: roster.Year[]; termOf: (day: string) => Range | undefined; known: boolean } {
  const query = useQuery({ queryKey: ["years"], queryFn: roster.years, staleTime: 3_600_000 });
  const years = query.data ?? [];
  const holds = (day: string) => (r: Range & { starts?: never }) => r.first <= day && day <= r.last;
  const termOf = (day: string) => {
    const terms = years.flatMap((y) => y.terms.map(({ starts, ends }) => ({ first: starts, last: ends })));
    return terms.find(holds(day)) ?? years.map(({ starts, ends }) => ({ first: starts, last: ends })).find(holds(day));
  };
  return { years, termOf, known: !query.isPending };
}

/** Month by month, a term, the year, or any two days. */
export function RangeSwitch({ range, today, go }: { range: Range; today: string; go: (range: Range) => void }) {
  const { t } = useTranslation();
  const { years } = useTerms();
  const month = (day: string) => ({ first: firstOfMonth(day), last: lastOfMonth(day) });
  const choices = years.flatMap((y) => [...y.terms, y].map(({ title, starts, ends }) => ({ title, value: `${starts} ${ends}` })));
  const value = `${range.first} ${range.last}`;
  const whole = month(range.first).last === range.last && firstOfMonth(range.first) === range.first;
  const days = `${shortDay(range.first)} – ${shortDay(range.last)}`;
  return (
    <div className="line" role="group" aria-label={t("range.label")}>
      <button type="button" className="button" aria-label={t("range.before")} onClick={() => go(month(addMonths(range.first, -1)))}>
        ‹
      </button>
      <select
        className="button"
        aria-label={t("range.label")}
        value={value}
        onChange={(event) => {
          const [first = "", last = ""] = event.target.value.split(" ");
          go({ first, last });
        }}
      >
        {!choices.some((c) => c.value === value) && <option value={value}>{whole ? monthName(range.first) : days}</option>}
        {!(whole && range.first === firstOfMonth(today)) && (
          <option value={`${firstOfMonth(today)} ${lastOfMonth(today)}`}>{t("range.thisMonth", { month: monthName(today) })}</option>
        )}
        {choices.map((choice) => (
          <option key={choice.value + choice.title} value={choice.value}>
            {choice.title}
          </option>
        ))}
      </select>
      <button type="button" className="button" aria-label={t("range.after")} onClick={() => go(month(addMonths(range.first, 1)))}>
        ›
      </button>
      <span className="line range-days">
        <Bound label={t("range.first")} value={range.first} set={(first) => go({ first, last: first > range.last ? first : range.last })} />
        <span aria-hidden="true">–</span>
        <Bound label={t("range.last")} value={range.last} set={(last) => go({ first: last < range.first ? last : range.first, last })} />
      </span>
    </div>
  );
}

function Bound({ label, value, set }: { label: string; value: string; set: (day: string) => void }) {
  return (
    <input type="date" className="button week-date" aria-label={label} value={value} onChange={(e) => isDay(e.target.value) && set(e.target.value)} />
  );
}
