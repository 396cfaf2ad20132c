import i18next from "i18next";
import { useTranslation } from "react-i18next";
import { NavLink, useLocation } from "react-router";
import type { Child } from "../api/roster";
import "./children.css";

const KEPT = "diary.child";

/** The child looked at last in this browser tab, for links from pages that belong to no child. */
export function lastChild(children: Child[]): Child | undefined {
  const id = sessionStorage.getItem(KEPT);
  return children.find((c) => c.person_id === id) ?? children[0];
}

export function rememberChild(id: string): void {
  sessionStorage.setItem(KEPT, id);
}

const SHAPES = [
  <circle key="0" cx="6" cy="6" r="5" />,
  <rect key="1" x="1.5" y="1.5" width="9" height="9" />,
  <path key="2" d="M6 .8l5.4 10H.6z" />,
  <path key="3" d="M6 .3L11.7 6 6 11.7.3 6z" />,
  <path key="4" d="M4 .8h4v3.2h3.2v4H8v3.2H4V8H.8V4H4z" />,
];

/** A child's sign: shape and colour by its place in the family, so that two children never look alike. */
export function ChildSign({ place }: { place: number }) {
  return (
    <svg className={`child-sign child-${(place % 5) + 1}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {SHAPES[place % 5]}
    </svg>
  );
}

/** «02» of the register is the 2nd grade. */
export const gradeOf = (grade: string) => i18next.t("children.grade", { grade: grade.replace(/^0+(?=.)/, "") });

/** Leads to the same page of another child; the address says whose page it is. */
export function ChildSwitch({ children }: { children: Child[] }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const page = /^\/pupils\/[^/]+\/(\w+)/.exec(pathname)?.[1] ?? "diary";
  if (children.length === 0) return null;
  return (
    <nav className="children" aria-label={t("children.label")}>
      {children.map((child, place) => (
        <NavLink key={child.person_id} to={`/pupils/${child.person_id}/${page}`} className="child">
          <ChildSign place={place} />
          <span>{child.name}</span>
          {child.grade && <span className="soft small">{gradeOf(child.grade)}</span>}
        </NavLink>
      ))}
    </nav>
  );
}
