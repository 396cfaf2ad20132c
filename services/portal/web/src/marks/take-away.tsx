import { useTranslation } from "react-i18next";
import * as reporting from "../api/reporting";
import { Disclosed } from "../frame/disclosed";

type Props = { pupil: string; first: string; last: string; asOf: string | undefined };

/** What the page shows, as a file or on paper. */
export function TakeAway({ pupil, first, last, asOf }: Props) {
  const { t } = useTranslation();
  return (
    <span className="unprinted">
      <Disclosed className="button" face={t("takeAway.title")}>
        <div className="stack">
          <a href={reporting.marksFile("xlsx", pupil, first, last, asOf)} download>
            {t("takeAway.xlsx")}
          </a>
          <a href={reporting.marksFile("csv", pupil, first, last, asOf)} download>
            {t("takeAway.csv")}
          </a>
          <button type="button" className="link" onClick={() => print()}>
            {t("takeAway.print")}
          </button>
        </div>
      </Disclosed>
    </span>
  );
}
