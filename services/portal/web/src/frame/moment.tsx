import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { moment } from "../calendar";
import "./moment.css";

/** The instant in the address (`?as_of=`) at which a page is shown as it stood; undefined: as it stands. */
export function useMoment(): { asOf: string | undefined; go: (instant: string | null) => void } {
  const [search, setSearch] = useSearchParams();
  const asked = search.get("as_of");
  const asOf = asked !== null && !Number.isNaN(Date.parse(asked)) ? new Date(asked).toISOString() : undefined;
  function go(instant: string | null) {
    setSearch((old) => {
      if (instant === null) old.delete("as_of");
      else old.set("as_of", instant);
      return old;
    });
  }
  return { asOf, go };
}

/** Says that the page is an earlier one, and leads back to today's. */
export function MomentBanner() {
  const { t } = useTranslation();
  const { asOf, go } = useMoment();
  if (asOf === undefined) return null;
  return (
    <p className="moment-banner" role="status">
      <b>{t("moment.shown", { time: moment(asOf) })}</b> <span>{t("moment.limits")}</span>{" "}
      <button type="button" className="button" onClick={() => go(null)}>
        {t("moment.back")}
      </button>
    </p>
  );
}

/** Asks for a moment; opens in place of its own button. */
export function MomentChoice() {
  const { t } = useTranslation();
  const { asOf, go } = useMoment();
  const [open, setOpen] = useState(false);
  if (!open) {
    return (
      <button type="button" className="link" onClick={() => setOpen(true)}>
        {t("moment.ask")}
      </button>
    );
  }
  return (
    <form
      className="line"
      onSubmit={(event) => {
        event.preventDefault();
        const typed = new Date(String(new FormData(event.currentTarget).get("moment")));
        if (Number.isNaN(typed.getTime())) return;
        go(typed.toISOString());
        setOpen(false);
        scrollTo({ top: 0 });
      }}
    >
      <label className="line">
        {t("moment.on")}
        <input className="input moment-input" type="datetime-local" name="moment" required max={local(new Date())} defaultValue={local(asOf ? new Date(asOf) : new Date())} autoFocus />
      </label>
      <button type="submit" className="button main">
        {t("moment.show")}
      </button>
      <button type="button" className="button plain" onClick={() => setOpen(false)}>
        {t("moment.cancel")}
      </button>
    </form>
  );
}

/** As a field of this kind wants it: the reader's own time, to the minute. */
function local(instant: Date): string {
  return new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
