import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { Me, School } from "../api/roster";
import * as api from "../api/terms";
import { addDays, shownDay } from "../calendar";
import { Empty, Loaded, Skeleton } from "../frame/states";
import { runs, useMe } from "../frame/who";
import { Sign } from "../frame/sign";
import { says } from "../today/lesson";
import { Council } from "./council";
import { Requests } from "./requests";
import { StageWord } from "./stage";
import "./terms.css";

const byTitle = new Intl.Collator("ru", { numeric: true });

/** The schools in which this person grades, or runs the council. */
function schoolsOf(me: Me): School[] {
  const ids = me.roles.filter((r) => ["teacher", "office", "administrator"].includes(r.role)).map((r) => r.school_id);
  return me.schools.filter((school) => ids.includes(school.school_id));
}

/** Grades of terms: where the school stands with each, which groups have theirs, and for who runs it the council. */
export function TermsPage() {
  const { t } = useTranslation();
  const mine = schoolsOf(useMe());
  const [search, setSearch] = useSearchParams();
  const school = search.get("school") ?? mine[0]?.school_id;
  if (!school) return <Empty title={t("home.nobody")} text={t("home.nobodyText")} />;
  return (
    <>
      <title>{t("tab.terms")}</title>
      <div className="head">
        <h1>{t("tab.terms")}</h1>
        {mine.length > 1 && (
          <select className="button" aria-label={t("school.choose")} value={school} onChange={(event) => setSearch({ school: event.target.value })}>
            {mine.map((one) => (
              <option key={one.school_id} value={one.school_id}>
                {one.name}
              </option>
            ))}
          </select>
        )}
      </div>
      <OfSchool key={school} school={school} asked={search.get("term")} />
    </>
  );
}

function OfSchool({ school, asked }: { school: string; asked: string | null }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["terms", school], queryFn: () => api.terms(school) });
  return (
    <Loaded query={query} skeleton={<Skeleton lines={8} />}>
      {({ today, terms }) => {
        const term = terms.find((one) => one.term_id === asked) ?? usual(terms, today);
        if (!term) return <Empty title={t("terms.nothing")} text={t("terms.nothingText")} />;
        return (
          <div className="terms-page">
            <nav className="line" aria-label={t("terms.choose")}>
              {terms.map((one) => (
                <Link key={one.term_id} className="button" to={`/terms?school=${school}&term=${one.term_id}`} aria-current={one === term ? "true" : undefined}>
                  {one.title}
                  {one.stage !== "open" && <StageWord stage={one.stage} />}
                </Link>
              ))}
            </nav>
            <Term key={term.term_id} school={school} term={term} today={today} />
          </div>
        );
      }}
    </Loaded>
  );
}

const LATELY = 30; // days after its end in which a term is still being graded

/** The term that is graded now: one that has ended lately and is not published, else the one we are in, else the last begun. */
function usual(terms: readonly api.Term[], today: string): api.Term | undefined {
  const begun = terms.filter((one) => one.starts <= today);
  const parts = begun.filter((one) => one.kind !== "year");
  return (
    begun.find((one) => one.stage !== "published" && one.ends < today && addDays(one.ends, LATELY) >= today) ??
    parts.find((one) => today <= one.ends) ??
    begun.at(-1) ??
    terms[0]
  );
}

function Term({ school, term, today }: { school: string; term: api.Term; today: string }) {
  const { t } = useTranslation();
  const head = runs(useMe(), school);
  const query = useQuery({ queryKey: ["term-groups", school, term.term_id], queryFn: () => api.groups(school, term.term_id), enabled: term.starts <= today });
  if (term.starts > today) return <Empty title={t("terms.notBegun", { term: term.title, day: shownDay(term.starts) })} />;
  return (
    <Loaded query={query} skeleton={<Skeleton lines={8} />}>
      {({ groups }) => (
        <>
          {head && <Council key={term.stage} school={school} term={term} groups={groups} />}
          {head && <Requests term={term.term_id} groups={groups} />}
          <Groups term={term} groups={groups} />
        </>
      )}
    </Loaded>
  );
}

/** Those that lack grades first; each line opens that very list. */
function Groups({ term, groups }: { term: api.Term; groups: readonly api.GradedGroup[] }) {
  const { t } = useTranslation();
  const sorted = [...groups].sort((a, b) => byTitle.compare(a.title, b.title));
  const lacking = sorted.filter((group) => group.missing > 0);
  const rest = sorted.filter((group) => group.missing === 0);
  if (groups.length === 0) return <Empty title={t("journal.noGroups")} />;
  return (
    <>
      <section className="card stack" aria-labelledby="lacking">
        <h2 id="lacking">{t("terms.lacking")}</h2>
        {!groups.some((group) => group.given > 0 || group.missing > 0) ? (
          <p className="soft">{t("terms.nothingMarked")}</p>
        ) : lacking.length === 0 ? (
          <p className="gaps-none">
            <Sign kind="done" /> {t("terms.complete")}
          </p>
        ) : (
          <List term={term} groups={lacking} />
        )}
      </section>
      {rest.length > 0 && (
        <section className="card stack" aria-labelledby="rest">
          <h2 id="rest">{t("terms.rest")}</h2>
          <List term={term} groups={rest} />
        </section>
      )}
    </>
  );
}

function List({ term, groups }: { term: api.Term; groups: readonly api.GradedGroup[] }) {
  const { t } = useTranslation();
  return (
    <ul className="term-groups">
      {groups.map((group) => (
        <li key={group.group_id}>
          <Link to={`/terms/${term.term_id}/${group.group_id}`}>
            <span>
              {group.title} {!says(group.title, group.subject) && <span className="soft small">{group.subject}</span>}
            </span>
            {group.reopened && <span className="stage-word council small">{t("terms.reopened")}</span>}
            <span className="soft small">{t("terms.givenOf", { given: group.given, pupils: group.pupils })}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
