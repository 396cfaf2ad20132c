import { useTranslation } from "react-i18next";
import { clock } from "../calendar";
import { useKeptSince } from "./line";

/** Says that there is no line, from when the lessons are, and that nothing is lost. */
export function OfflineBanner() {
  const { t } = useTranslation();
  const since = useKeptSince();
  if (since === null) return null;
  return (
    <p className="aged" role="status">
      {t("offline.kept", { time: clock(since) })}
    </p>
  );
}
