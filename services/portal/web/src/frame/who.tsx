import { createContext, useContext } from "react";
import { useParams } from "react-router";
import { dayOf } from "../calendar";
import type { Child, Me, Role } from "../api/roster";

export const Who = createContext<Me | null>(null);

/** Who is signed in. Only inside the frame. */
export function useMe(): Me {
  const me = useContext(Who);
  if (me === null) throw new Error("outside the frame");
  return me;
}

const STAFF: readonly Role[] = ["teacher", "office", "administrator", "officer", "support"];

export const isStaff = (me: Me) => me.roles.some((r) => STAFF.includes(r.role));
export const isA = (me: Me, role: Role) => me.roles.some((r) => r.role === role);
export const isTeacher = (me: Me) => me.roles.some((r) => r.role === "teacher");
export const isPupil = (me: Me) => me.roles.some((r) => r.role === "pupil");

/** Whether the person is of the school's office or its administrator. */
export const runs = (me: Me, school: string | undefined) =>
  me.roles.some((r) => r.school_id === school && (r.role === "office" || r.role === "administrator"));

/** Those whose diary is this person's own to read: the children, or the pupil's own. */
export function diariesOf(me: Me): Child[] {
  if (me.children.length > 0 || !isPupil(me)) return me.children;
  const school = me.roles.find((r) => r.role === "pupil")?.school_id ?? me.schools[0]?.school_id ?? null;
  return [{ person_id: me.person_id, name: me.name, school_id: school, grade: null, rights: ["see"] }];
}

const schoolOf = (me: Me, school?: string | null) => me.schools.find((s) => s.school_id === school) ?? me.schools[0];

/** Today by the true clock where a school is: what people write bears its time, which a demo's calendar does not follow. */
export const trueDayAt = (me: Me, school?: string | null) => dayOf(new Date(), schoolOf(me, school)?.time_zone);

/** Today in a school's calendar, or in the person's first school. */
export function todayAt(me: Me, school?: string | null): string {
  return schoolOf(me, school)?.today ?? new Date().toISOString().slice(0, 10);
}

/** The pupil in the address, with the day it is at the pupil's school. */
export function usePupil(): { pupil: string; child: Child | undefined; today: string } {
  const me = useMe();
  const pupil = useParams()["pupilId"] ?? "";
  const child = diariesOf(me).find((c) => c.person_id === pupil);
  return { pupil, child, today: todayAt(me, child?.school_id) };
}

/** Keeps how far the school's calendar is from the browser's, for the first question of the next visit (`early.ts`). */
export function rememberToday(today: string): void {
  const now = new Date();
  const days = (Date.parse(today) - Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())) / 86_400_000;
  try {
    localStorage.setItem("diary.ahead", String(days));
  } catch {
    // the next visit asks in its own time
  }
}
