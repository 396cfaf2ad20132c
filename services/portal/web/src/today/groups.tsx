import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as roster from "../api/roster";
import { Empty, Loaded } from "../frame/states";
import { isTeacher, todayAt, useMe } from "../frame/who";
import { says } from "./lesson";
import "./today.css";

/** The journals: of a teacher's own groups, for others of the school's. */
export function JournalsPage() {
  const { t } = useTranslation();
  const today = todayAt(useMe());
  return (
    <>
      <title>{t("tab.journal")}</title>
      <div className="head">
        <h1>{t("tab.journal")}</h1>
      </div>
      <div className="journals">
        <Groups today={today} />
      </div>
    </>
  );
}

const byTitle = new Intl.Collator("ru", { numeric: true });

export function Groups({ today }: { today: string }) {
  const { t } = useTranslation();
  const mine = isTeacher(useMe());
  const query = useQuery({ queryKey: ["groups", mine ? "mine" : "all"], queryFn: () => roster.groups(mine), staleTime: 300_000 });
  return (
    <section className="card" aria-labelledby="all-groups">
      <h2 id="all-groups">{mine ? t("journal.mine") : t("journal.others")}</h2>
      <Loaded query={query}>
        {(all) => {
          const groups = all.filter((g) => g.starts <= today && today <= g.ends && (g.closed_on === null || today < g.closed_on));
          if (groups.length === 0) return <Empty title={t("journal.noGroups")} />;
          return (
            <ul className="group-list">
              {groups
                .sort((a, b) => byTitle.compare(a.title, b.title))
                .map((group) => (
                  <li key={group.group_id}>
                    <Link to={`/journal/${group.group_id}`}>
                      {group.title} {!says(group.title, group.subject) && <span className="soft small">{group.subject}</span>}
                    </Link>
                  </li>
                ))}
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}
