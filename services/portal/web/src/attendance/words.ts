import i18next from "i18next";
import type { Presence } from "../api/attendance";

/** The letter of the paper journal: «н», «о», «б», «у»; a dot for present. */
export function signOf({ state, reason }: Pick<Presence, "state" | "reason">): string {
  if (state === "present") return "·";
  if (state === "late") return i18next.t("presence.sign.late");
  if (reason === "illness" || reason === "excused") return i18next.t(`presence.sign.${reason}`);
  return i18next.t("presence.sign.absent");
}

/** «отсутствовал(а): болезнь», «опоздание: 10 минут» */
export function sayPresence({ state, minutes, reason }: Presence): string {
  const base = state === "late" && minutes ? i18next.t("presence.lateBy", { count: minutes }) : i18next.t(`presence.${state}`);
  if (!reason) return base;
  return `${base}: ${i18next.exists(`reason.${reason}`) ? i18next.t(`reason.${reason}`) : reason}`;
}
