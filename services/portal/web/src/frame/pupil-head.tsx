import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import * as roster from "../api/roster";
import { ChildSign } from "./children";
import { pupilTabs } from "./tabs";
import { diariesOf, useMe, usePupil } from "./who";

/** Whose page this is, always in sight; for staff also the ways to the pupil's other pages. */
export function PupilHead({ title, children }: { title: string; children?: ReactNode }) {
  const { t } = useTranslation();
  const me = useMe();
  const { pupil, child } = usePupil();
  const place = diariesOf(me).findIndex((c) => c.person_id === pupil);
  const person = useQuery({ queryKey: ["person", pupil], queryFn: () => roster.person(pupil), enabled: !child, staleTime: 300_000 });
  const name = child?.name ?? person.data?.name ?? "…";
  return (
    <>
      <title>{`${title} · ${name}`}</title>
      <div className="head">
        <div>
          <p className="line small">
            {place >= 0 && <ChildSign place={place} />}
            <span>{name}</span>
          </p>
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
