import { useTranslation } from "react-i18next";
import type { Stage, TermSheet } from "../api/terms";

/** Whether nothing of it may change now. */
export const isLocked = ({ term, reopened }: TermSheet) => term.stage !== "open" && !reopened;

/** Where a term stands, in a word and a shape. */
export function StageWord({ stage }: { stage: Stage }) {
  const { t } = useTranslation();
  return (
    <span className={`stage-word small ${stage}`}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        {stage === "published" ? <path d="M2 6.5l2.5 2.5L10 3" /> : stage === "council" ? <path d="M3 5.5V4a3 3 0 016 0v1.5M2 5.5h8V11H2z" /> : <circle cx="6" cy="6" r="3.5" />}
      </svg>
      {t(`terms.stage.${stage}`)}
    </span>
  );
}
