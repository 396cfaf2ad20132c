import i18next from "i18next";
import type { Me } from "../api/roster";
import { diariesOf, isA, isPupil, isStaff, isTeacher, runs } from "./who";

/** A page or a thing to be done, as it is searched for: by its name and by other words for it. */
export type Service = { to: string; name: string; words: string };

const service = (to: string, key: string, of?: string): Service => {
  const name = i18next.t(`service.${key}.name`);
  return { to, name: of ? `${name}: ${of}` : name, words: i18next.t(`service.${key}.words`) };
};

/** Everything this person can open or do. A child's pages are named for the child. */
export function servicesOf(me: Me): Service[] {
  const children = diariesOf(me);
  const head = me.schools.some((school) => runs(me, school.school_id));
  return [
    ...(isTeacher(me) ? [service("/today", "today"), service("/roll", "roll"), service("/homework", "homework")] : []),
    ...(isA(me, "administrator") ? [service("/school", "school"), service("/audit", "audit")] : []),
    ...(isA(me, "officer") ? [service("/district", "district"), service("/erasures", "erasures")] : []),
    ...(isStaff(me) ? [service("/journal", "journal"), service("/timetable", "timetable")] : []),
    ...(isTeacher(me) || head ? [service("/terms", "terms")] : []),
    ...(head ? [service("/rule", "rule"), service("/school/attendance", "attended"), service("/school/discipline", "discipline"), service("/school/completeness", "complete")] : []),
    ...(me.children.length > 1 ? [service("/family", "family")] : []),
    ...children.flatMap(({ person_id: id, name }) => {
      const of = children.length > 1 ? name : undefined;
      const absence = me.children.some((c) => c.person_id === id && c.rights.includes("act")) ? [service(`/pupils/${id}/attendance#absences`, "absence", of)] : [];
      return [
        service(`/pupils/${id}/diary`, "diary", of),
        service(`/pupils/${id}/marks`, "marks", of),
        service(`/pupils/${id}/attendance`, "attendance", of),
        ...absence,
        service(`/pupils/${id}/homework`, "homework", of),
        service(`/pupils/${id}/behaviour`, "behaviour", of),
        ...(me.person_id === id ? [] : [service(`/pupils/${id}/comments`, "comments", of)]),
        service(`/pupils/${id}/timetable`, "timetable", of),
        service(`/pupils/${id}/changes`, "changes", of),
        service(`/pupils/${id}/readings`, "readings", of),
      ];
    }),
    ...(isPupil(me) ? [] : [service("/join", "join")]),
    service("/reports", "reports"),
    service("/messages", "messages"),
    service("/messages/new", "write"),
    service("/notices", "notices"),
    service("/settings", "settings"),
    service("/settings#calendars", "calendars"),
    service("/settings#rss", "rss"),
    service("/settings#tour", "tour"),
  ];
}

const parts = (text: string) => text.toLowerCase().replaceAll("ё", "е").split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** Those in whose name or words every word typed begins a word: each further word refines. Nothing typed: none. */
export function matching(services: readonly Service[], typed: string): Service[] {
  const wanted = parts(typed);
  if (wanted.length === 0) return [];
  return services.filter(({ name, words }) => {
    const known = parts(`${name} ${words}`);
    return wanted.every((word) => known.some((one) => one.startsWith(word)));
  });
}
