import { useTranslation } from "react-i18next";
import { Disclosed } from "./disclosed";

const KINDS = ["xlsx", "csv", "pdf"] as const;
export type FileKind = (typeof KINDS)[number];

/** What the page shows, as a file or, if the page itself prints well, on paper. */
export function TakeAway({ href, kinds = KINDS, printed = false, of }: { href: (kind: FileKind) => string; kinds?: readonly FileKind[]; printed?: boolean; /** Of several on one page: which. */ of?: string }) {
  const { t } = useTranslation();
  return (
    <span className="unprinted">
      <Disclosed className="button" face={
          <>
            {t("takeAway.title")}
            {of && <span className="unseen"> {of}</span>}
          </>
        }
      >
        <div className="stack">
          {kinds.map((kind) => (
            <a key={kind} href={href(kind)} download>
              {t(`takeAway.${kind}`)}
            </a>
          ))}
          {printed && (
            <button type="button" className="link" onClick={() => print()}>
              {t("takeAway.print")}
            </button>
          )}
        </div>
      </Disclosed>
    </span>
  );
}
