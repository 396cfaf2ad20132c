import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { MomentChoice } from "./moment";
import { isA, useMe, usePupil } from "./who";

/** Under a pupil's page: the same page at an earlier moment, all that was changed, and who looked. */
export function PupilFoot() {
  const { t } = useTranslation();
  const me = useMe();
  const { pupil, child } = usePupil();
  const mayAsk = child !== undefined || isA(me, "administrator") || isA(me, "officer");
  return (
    <footer className="line page-foot">
      <MomentChoice />
      <Link to={`/pupils/${pupil}/changes`}>{t("audit.ofPupil")}</Link>
      {mayAsk && <Link to={`/pupils/${pupil}/readings`}>{t("readings.title")}</Link>}
    </footer>
  );
}
