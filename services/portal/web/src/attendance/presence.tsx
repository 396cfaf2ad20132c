import { useTranslation } from "react-i18next";
import type { Presence, PresenceWas } from "../api/attendance";
import { moment } from "../calendar";
import { Arrow } from "../frame/arrow";
import { Disclosed } from "../frame/disclosed";
import { useNames } from "../frame/names";
import { sayPresence, signOf } from "./words";
import "./presence.css";

/** Presence as a sign and in words; opens to what stood before, if it was corrected. */
export function PresenceChip({ presence, arrived }: { presence: Presence & { was: PresenceWas[] }; arrived: boolean }) {
  const { t } = useTranslation();
  const name = useNames(presence.was.map((w) => w.by));
  const before = presence.was.at(-1);
  const words = sayPresence(presence);
  const face = (
    <>
      <span className={`sign ${presence.state}`} aria-hidden="true">
        {signOf(presence)}
      </span>
      <span>{words}</span>
    </>
  );
  if (!before) return <span className={arrived ? "presence arrived" : "presence"}>{face}</span>;
  return (
    <Disclosed className={arrived ? "presence opens arrived" : "presence opens"} face={face}>
      <dl className="facts">
        {presence.was.map((was, n) => (
          <div key={was.at} className="stack">
            <dt>{t("mark.corrected")}</dt>
            <dd>
              {sayPresence(was)}
              <Arrow />
              {sayPresence(presence.was[n + 1] ?? presence)}
              {was.note && `, ${was.note}`}
              <span className="soft small">
                {" "}
                ({name(was.by)}, {moment(was.at)})
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </Disclosed>
  );
}
