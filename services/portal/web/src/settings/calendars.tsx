import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import * as lessons from "../api/lessons";
import type { Me } from "../api/roster";
import { moment } from "../calendar";
import { ChildSign } from "../frame/children";
import { useAttempt } from "../frame/attempt";
import { Field } from "../frame/field";
import { Loaded } from "../frame/states";
import { announce } from "../frame/status";
import { diariesOf, isTeacher, useMe } from "../frame/who";

/** Whose lessons: a teacher's own, and those of every diary that is his to read. */
function subjects(me: Me): { id: string; name: string | null; place: number }[] {
  const own = isTeacher(me) ? [{ id: me.person_id, name: null, place: -1 }] : [];
  const diaries = diariesOf(me).map((child, place) => ({ id: child.person_id, name: child.name, place }));
  return [...own, ...diaries.filter((one) => !own.some((mine) => mine.id === one.id))];
}

/** The timetable in the calendar application of one's phone, by a secret address that can be taken back. */
export function Calendars() {
  const { t } = useTranslation();
  const about = subjects(useMe());
  const query = useQuery({ queryKey: ["calendars"], queryFn: lessons.calendars });
  if (about.length === 0) return null;
  return (
    <section className="card stack" aria-labelledby="calendars">
      <h2 id="calendars">{t("calendars.title")}</h2>
      <p className="soft">{t("calendars.what")}</p>
      <Loaded query={query}>
        {({ calendars }) =>
          about.map((one) => (
            <Subject key={one.id} {...one} shared={calendars.filter((calendar) => calendar.about_id === one.id)} />
          ))
        }
      </Loaded>
    </section>
  );
}

/** One's addresses for these lessons. A new one is seen once, here; nobody can show it again. */
function Subject({ id, name, place, shared }: { id: string; name: string | null; place: number; shared: lessons.SharedCalendar[] }) {
  const { t } = useTranslation();
  const [made, setMade] = useState<{ calendar: string; address: string } | null>(null);
  const { attempt, fault, busy } = useAttempt("calendars");
  const heading = useId();

  const share = () =>
    attempt(async () => {
      const calendar = crypto.randomUUID();
      const secret = lessons.newSecret();
      await lessons.shareCalendar(calendar, id, secret);
      setMade({ calendar, address: `${location.origin}/calendar/${secret}.ics` });
    }, t("calendars.made"));

  return (
    <div className="calendar-of stack" role="group" aria-labelledby={heading}>
      <h3 id={heading} className="line">
        {place >= 0 && <ChildSign place={place} />}
        {name ?? t("calendars.own")}
      </h3>
      {shared.map((calendar) => (
        <div key={calendar.calendar_id} className="stack">
          {made?.calendar === calendar.calendar_id && <NewAddress address={made.address} />}
          <div className="line">
            <span className="soft small">{t("calendars.since", { time: moment(calendar.shared_at) })}</span>
            <button
              type="button"
              className="button"
              disabled={busy}
              onClick={() => void attempt(() => lessons.withdrawCalendar(calendar.calendar_id), t("calendars.gone"))}
            >
              {t("calendars.withdraw")}
            </button>
          </div>
        </div>
      ))}
      <div className="line">
        <button type="button" className="button" disabled={busy} onClick={() => void share()}>
          {shared.length > 0 ? t("calendars.another") : t("calendars.make")}
        </button>
      </div>
      {fault && (
        <p className="field-error" role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}

function NewAddress({ address }: { address: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);

  async function copy() {
    await navigator.clipboard.writeText(address);
    setCopied(true);
    announce(t("calendars.copied"));
  }

  return (
    <>
      <Field label={t("calendars.address")} hint={t("calendars.once")}>
        {(props) => <input {...props} readOnly value={address} onFocus={(event) => event.target.select()} />}
      </Field>
      <div className="line">
        <button type="button" className="button main" onClick={() => void copy()}>
          {copied ? t("calendars.copied") : t("calendars.copy")}
        </button>
        <a className="button" href={address.replace(/^https?:/, "webcal:")}>
          {t("calendars.open")}
        </a>
      </div>
    </>
  );
}
