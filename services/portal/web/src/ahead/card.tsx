import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import * as api from "../api/ahead";
import { dayAndMonth, shortDay, shortWeekday } from "../calendar";
import { useTerms } from "../frame/range";
import { kindName, showAverage } from "../marks/values";
import "./ahead.css";

/** What a pupil owes, which tests come, where he is weak: to plan the work. Of this school year; nothing when there is nothing. */
export function AheadCard({ pupil, today }: { pupil: string; today: string }) {
  const { t } = useTranslation();
  const query = useAhead(pupil, today);
  if (!query.data) return null;
  const { debts, coming, weak } = query.data;
  if (debts.length + coming.length + weak.length === 0) return null;
  return (
    <section className="card ahead unprinted" aria-labelledby="ahead">
      <h2 id="ahead">{t("ahead.title")}</h2>
      <div className="ahead-parts">
        <Part title={t("ahead.debts")} empty={t("ahead.noDebts")} rows={debts.map((one) => [one.work_id, <Debt key={one.work_id} debt={one} />])} />
        <Part title={t("ahead.coming")} empty={t("ahead.noTests")} rows={coming.map((one) => [one.work_id, <Test key={one.work_id} test={one} today={today} />])} />
        <Part title={t("ahead.weak")} empty={t("ahead.noWeak")} rows={weak.map((one) => [`${one.subject} ${one.topic}`, <Topic key={one.topic} topic={one} />])} />
      </div>
    </section>
  );
}

export function useAhead(pupil: string, today: string) {
  const { years, known } = useTerms();
  const year = years.find((one) => one.starts <= today && today <= one.ends);
  return useQuery({
    queryKey: ["pupil", pupil, "ahead", year?.starts],
    queryFn: () => api.ahead(pupil, year?.starts ?? today, year?.ends ?? today),
    enabled: known && year !== undefined,
  });
}

const SHOWN = 4;

function Part({ title, empty, rows }: { title: string; empty: string; rows: [string, ReactNode][] }) {
  const { t } = useTranslation();
  const rest = rows.length > SHOWN + 1 ? rows.slice(SHOWN) : [];
  return (
    <div>
      <h3>{title}</h3>
      {rows.length === 0 && <p className="soft small">{empty}</p>}
      <List rows={rows.slice(0, rows.length - rest.length)} />
      {rest.length > 0 && (
        <details>
          <summary className="small">{t("gaps.more", { count: rest.length })}</summary>
          <List rows={rest} />
        </details>
      )}
    </div>
  );
}

function List({ rows }: { rows: [string, ReactNode][] }) {
  return (
    <ul className="ahead-list">
      {rows.map(([id, row]) => (
        <li key={id}>{row}</li>
      ))}
    </ul>
  );
}

export function Debt({ debt }: { debt: api.Debt }) {
  const { t } = useTranslation();
  return (
    <>
      <span>
        {debt.subject}
        <span className="soft small under">{[debt.title ?? kindName(debt.kind), dayAndMonth(debt.on)].join(" · ")}</span>
      </span>
      <Due debt={debt} none={t("ahead.noDue")} />
    </>
  );
}

/** By when; what is overdue says so in words. */
export function Due({ debt, none }: { debt: api.Debt; none: string }) {
  const { t } = useTranslation();
  if (debt.due === null) return <span className="soft small">{none}</span>;
  return <span className={debt.overdue ? "small overdue" : "small"}>{t(debt.overdue ? "ahead.overdue" : "ahead.until", { day: dayAndMonth(debt.due) })}</span>;
}

function Test({ test, today }: { test: api.Coming; today: string }) {
  const { t } = useTranslation();
  return (
    <>
      <span>
        {test.subject}: {kindName(test.kind)}
        {(test.title || test.topic) && <span className="soft small under">{test.title ?? test.topic}</span>}
      </span>
      <span className="small">{test.on === today ? t("week.today") : `${shortWeekday(test.on)} ${shortDay(test.on)}`}</span>
    </>
  );
}

function Topic({ topic }: { topic: api.Weak }) {
  const { t } = useTranslation();
  return (
    <>
      <span>
        {topic.topic}
        <span className="soft small under">{topic.subject}</span>
      </span>
      <span className="small">
        {showAverage(topic.average)} <span className="soft">{t("ahead.marks", { count: topic.count })}</span>
      </span>
    </>
  );
}
