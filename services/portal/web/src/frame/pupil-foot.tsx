import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { MomentChoice } from "./moment";
import { useTalks } from "../talk/counts";
import { isA, useMe, usePupil } from "./who";

/** Under a pupil's page: the same page at an earlier moment, all that was changed, and who looked. */
export function PupilFoot() {
  const { t } = useTranslation();
  const me = useMe();
  const { pupil, child } = usePupil();
  const talks = useTalks(pupil);
  const mayAsk = child !== undefined || isA(me, "administrator") || isA(me, "officer");
  return (
    <footer className="line page-foot">
      <MomentChoice />
      {talks && <Link to={`/pupils/${pupil}/comments`}>{t("talk.title")}</Link>}
      <Link to={`/pupils/${pupil}/changes`}>{t("audit.ofPupil")}</Link>
      {mayAsk && <Link to={`/pupils/${pupil}/readings`}>{t("readings.title")}</Link>}
      {(isA(me, "office") || isA(me, "administrator")) && <Link to={`/pupils/${pupil}/guardians`}>{t("tie.title")}</Link>}
    </footer>
  );
}
