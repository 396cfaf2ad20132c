import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Disclosed } from "../frame/disclosed";
import "./filter.css";

/** The subjects in the address (`?subject=`, once for each); none: all. */
export function useSubjects(): { subjects: string[]; choose: (subjects: readonly string[]) => void } {
  const [search, setSearch] = useSearchParams();
  function choose(subjects: readonly string[]) {
    setSearch((old) => {
      old.delete("subject");
      for (const subject of subjects) old.append("subject", subject);
      return old;
    });
  }
  return { subjects: search.getAll("subject"), choose };
}

/** Which subjects the page shows: ticked, then applied at once. */
export function SubjectFilter({ all, chosen, choose }: { all: readonly string[]; chosen: readonly string[]; choose: (subjects: readonly string[]) => void }) {
  const { t } = useTranslation();
  const face = chosen.length === 0 ? t("filter.all") : chosen.length === 1 ? chosen[0] : t("filter.some", { count: chosen.length });
  // a subject that has no marks in this period stays ticked
  const choices = [...new Set([...all, ...chosen])].sort((a, b) => a.localeCompare(b));
  return (
    <Disclosed className={chosen.length > 0 ? "button filtering" : "button"} face={face} label={t("filter.label", { subjects: face })}>
      <Choices key={chosen.join("\n")} choices={choices} chosen={chosen} choose={choose} />
    </Disclosed>
  );
}

function Choices({ choices, chosen, choose }: { choices: readonly string[]; chosen: readonly string[]; choose: (subjects: readonly string[]) => void }) {
  const { t } = useTranslation();
  const [ticked, setTicked] = useState(new Set(chosen));
  const id = useId();

  function tick(subject: string, on: boolean) {
    setTicked((old) => {
      const next = new Set(old);
      if (on) next.add(subject);
      else next.delete(subject);
      return next;
    });
  }

  function apply(subjects: readonly string[]) {
    document.getElementById(id)?.closest<HTMLElement>("[popover]")?.hidePopover();
    choose(subjects.length === choices.length ? [] : subjects);
  }

  return (
    <form
      id={id}
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        apply(choices.filter((subject) => ticked.has(subject)));
      }}
    >
      <fieldset className="filter-choices">
        <legend className="soft small">{t("filter.which")}</legend>
        {choices.map((subject) => (
          <label key={subject} className="tick">
            <input type="checkbox" checked={ticked.has(subject)} onChange={(event) => tick(subject, event.target.checked)} />
            {subject}
          </label>
        ))}
      </fieldset>
      <div className="line">
        <button type="submit" className="button main">
          {t("filter.apply")}
        </button>
        <button type="button" className="button" onClick={() => apply([])}>
          {t("filter.clear")}
        </button>
      </div>
    </form>
  );
}
