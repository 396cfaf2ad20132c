import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { newSecret } from "../api/http";
import * as lessons from "../api/lessons";
import type { Me } from "../api/roster";
import { ChildSign } from "../frame/children";
import { Loaded } from "../frame/states";
import { diariesOf, isTeacher, useMe } from "../frame/who";
import { Addresses } from "./addresses";

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

  async function make(whose: string) {
    const [id, secret] = [crypto.randomUUID(), newSecret()];
    await lessons.shareCalendar(id, whose, secret);
    return { id, address: `${location.origin}/calendar/${secret}.ics` };
  }

  return (
    <section className="card stack" aria-labelledby="calendars">
      <h2 id="calendars">{t("calendars.title")}</h2>
      <p className="soft">{t("calendars.what")}</p>
      <Loaded query={query}>
        {({ calendars }) =>
          about.map(({ id, name, place }) => (
            <Addresses
              key={id}
              name={
                <>
                  {place >= 0 && <ChildSign place={place} />}
                  {name ?? t("calendars.own")}
                </>
              }
              shared={calendars.filter((one) => one.about_id === id).map((one) => ({ id: one.calendar_id, at: one.shared_at }))}
              make={() => make(id)}
              withdraw={lessons.withdrawCalendar}
              stale="calendars"
              label={t("calendars.address")}
              hint={t("calendars.once")}
              open={{ label: t("calendars.open"), href: (address) => address.replace(/^https?:/, "webcal:") }}
            />
          ))
        }
      </Loaded>
    </section>
  );
}
