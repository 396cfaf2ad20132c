import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import * as records from "../api/records";
import type { Diary } from "../api/reporting";
import { moment } from "../calendar";
import { useAttempt } from "../frame/attempt";
import { Sign } from "../frame/sign";
import { useMe } from "../frame/who";

/** Under a week: who has signed it, and one button for the guardian who has not, or not since something new came. */
export function Signature({ pupil, monday, today, diary }: { pupil: string; monday: string; today: string; diary: Diary }) {
  const { t } = useTranslation();
  const me = useMe();
  const { attempt, fault, busy } = useAttempt("signatures");
  const query = useQuery({ queryKey: ["signatures", pupil, monday], queryFn: () => records.signatures({ pupil_id: pupil }, monday, monday) });
  if (!query.data || monday > today) return null;
  const acts = me.children.some((child) => child.person_id === pupil && child.rights.includes("act"));
  const { signatures } = query.data;
  const own = signatures.find((one) => one.by_id === me.person_id);
  const fresh = own !== undefined && newest(diary) > own.at;
  if (!acts && signatures.length === 0) return null;
  return (
    <section className="card signature unprinted" aria-label={t("signature.title")}>
      {signatures.map((one) => (
        <p key={one.by_id}>
          <Sign kind="done" /> {t("signature.signed", { name: one.by_name, time: moment(one.at) })}
        </p>
      ))}
      {fresh && <p className="change">{t("signature.newer")}</p>}
      {acts && (own === undefined || fresh) && (
        <div className="line">
          <button type="button" className="button main" disabled={busy} onClick={() => void attempt(() => records.signWeek(pupil, monday), t("signature.done"))}>
            {t("signature.sign")}
          </button>
          {signatures.length === 0 && <span className="soft small">{t("signature.hint")}</span>}
        </div>
      )}
      {fault && (
        <p className="field-error" role="alert">
          {fault}
        </p>
      )}
    </section>
  );
}

/** When the last of what the week shows was written. */
function newest({ days }: Diary): string {
  const lessons = days.flatMap((day) => day.lessons);
  const times = lessons.flatMap(({ marks, attendance }) => [...marks.map((mark) => mark.at), ...(attendance?.was.map((was) => was.at) ?? [])]);
  return times.sort().at(-1) ?? "";
}
