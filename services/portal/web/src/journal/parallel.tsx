import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as grades from "../api/grades";
import * as lessons from "../api/lessons";
import { isProblem } from "../api/problem";
import * as roster from "../api/roster";
import { addDays, dayAndMonth } from "../calendar";
import { Field } from "../frame/field";
import { announce } from "../frame/status";
import { runs, useMe } from "../frame/who";

const BEFORE = 3; // days around the work in which the other class's lesson is looked for
const AFTER = 14;

/** The same kind, weight, title and criteria at a lesson of each parallel class. */
export function Parallel({ group, on, work }: { group: string; on: string; work: grades.Work }) {
  const { t } = useTranslation();
  const me = useMe();
  const groups = useQuery({ queryKey: ["groups", "all"], queryFn: () => roster.groups(false), staleTime: 300_000 });
  const own = groups.data?.find((one) => one.group_id === group);
  const others = (groups.data ?? [])
    .filter((one) => one.group_id !== group && one.school_id === own?.school_id && one.subject === own.subject && one.starts <= on && on <= one.ends)
    .filter((one) => one.teachers.includes(me.person_id) || runs(me, one.school_id))
    .sort((a, b) => a.title.localeCompare(b.title));
  if (groups.isPending) return null;
  if (others.length === 0) return <p className="soft small">{t("parallel.none")}</p>;
  return (
    <ul className="stack parallel">
      {others.map((one) => (
        <Other key={one.group_id} group={one} on={on} work={work} />
      ))}
    </ul>
  );
}

function Other({ group, on, work }: { group: roster.Group; on: string; work: grades.Work }) {
  const { t } = useTranslation();
  const range = { first: addDays(on, -BEFORE), last: addDays(on, AFTER) };
  const { group_id: id } = group;
  const week = useQuery({ queryKey: ["week", { group_id: id }, range.first, range.last], queryFn: () => lessons.week({ group_id: id }, range.first, range.last) });
  const held = (week.data?.lessons ?? []).filter((one) => !one.cancelled);
  const [chosen, setChosen] = useState<string | null>(null);
  const lesson = held.find((one) => one.lesson_id === chosen) ?? held.find((one) => one.on >= on) ?? held.at(-1);
  const [key] = useState(() => crypto.randomUUID());
  const [state, setState] = useState<"new" | "busy" | "done">("new");
  const [fault, setFault] = useState<{ said: string; code: string } | null>(null);
  const again = fault?.code === "grades.same-kind-in-lesson" || fault?.code === "grades.day-has-test";

  async function add() {
    if (!lesson) return;
    setState("busy");
    const { kind, weight, title, criteria } = work;
    const place = lesson.moved_from ?? { on: lesson.on, number: lesson.number };
    try {
      await grades.openWork({
        ...{ work_id: key, group_id: id, on: place.on, number: place.number, kind, weight, title, confirmed: again },
        ...(criteria?.length ? { criteria } : {}),
        ...(work.draft ? { draft: true } : {}),
      });
      setFault(null);
      setState("done");
      announce(t("parallel.added", { title: group.title }));
    } catch (error) {
      if (!isProblem(error)) throw error;
      setFault({ said: error.errors[0]?.detail ?? (error.detail || t("state.offlineText")), code: error.errors[0]?.code ?? error.code });
      setState("new");
    }
  }

  return (
    <li className="pair">
      <Field label={group.title} error={fault?.said}>
        {(props) => (
          <select {...props} value={lesson?.lesson_id ?? ""} disabled={state === "done" || held.length === 0} onChange={(event) => setChosen(event.target.value)}>
            {held.map((one) => (
              <option key={one.lesson_id} value={one.lesson_id}>
                {t("journal.lessonOf", { day: dayAndMonth(one.on), number: one.number })}
              </option>
            ))}
          </select>
        )}
      </Field>
      {state === "done" ? (
        <p className="small">{t("parallel.there")}</p>
      ) : (
        <button type="button" className="button" disabled={state === "busy" || !lesson} onClick={() => void add()} aria-label={t("parallel.addTo", { title: group.title })}>
          {again ? t("work.anyway") : t("journal.add")}
        </button>
      )}
    </li>
  );
}
