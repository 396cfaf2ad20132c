import { useTranslation } from "react-i18next";
import * as reporting from "../api/reporting";
import { Disclosed } from "../frame/disclosed";

const KINDS = ["xlsx", "csv", "pdf"] as const;

/** What the page shows, as a file or on paper. */
export function TakeAway({ wanted }: { wanted: reporting.MarksWanted }) {
  const { t } = useTranslation();
  return (
    <span className="unprinted">
      <Disclosed className="button" face={t("takeAway.title")}>
        <div className="stack">
          {KINDS.map((kind) => (
            <a key={kind} href={reporting.marksFile(kind, wanted)} download>
              {t(`takeAway.${kind}`)}
            </a>
          ))}
          <button type="button" className="link" onClick={() => print()}>
            {t("takeAway.print")}
          </button>
        </div>
      </Disclosed>
    </span>
  );
}
