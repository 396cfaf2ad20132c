import { useTranslation } from "react-i18next";
import type { Right } from "../api/roster";

export const RIGHTS: readonly Right[] = ["see", "act", "notices"];

/** What a guardian may: to see the diary, and more. */
export function RightsChoice({ rights, choose }: { rights: readonly Right[]; choose: (rights: readonly Right[]) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="choices">
      <legend className="soft small">{t("tie.rights")}</legend>
      {RIGHTS.map((right) => (
        <label key={right} className="tick">
          <input type="checkbox" checked={rights.includes(right)} disabled={right === "see"} onChange={(event) => choose(RIGHTS.filter((one) => (one === right ? event.target.checked : rights.includes(one))))} />
          {t(`tie.right.${right}`)}
        </label>
      ))}
    </fieldset>
  );
}
