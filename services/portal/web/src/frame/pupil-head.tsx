import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { pupilTabs } from "./tabs";
import { usePupil } from "./who";
import { usePupilName } from "./whose";

/** The heading of a pupil's page; for staff also the ways to the pupil's other pages. */
export function PupilHead({ title, children }: { title: string; children?: ReactNode }) {
  const { t } = useTranslation();
  const { pupil, child } = usePupil();
  const name = usePupilName(pupil);
  return (
    <>
      <title>{`${title} · ${name}`}</title>
      <div className="head">
        <div>
          <p className={child ? "small printed" : "small"}>{name}</p>
          <h1>{title}</h1>
        </div>
        {children}
      </div>
      {!child && (
        <nav className="line pupil-tabs" aria-label={t("frame.pupilPages")}>
          {pupilTabs(pupil).map(({ to, word }) => (
            <NavLink key={to} to={to} className={({ isActive }) => (isActive ? "button main" : "button")}>
              {t(`tab.${word}`)}
            </NavLink>
          ))}
        </nav>
      )}
    </>
  );
}
