import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import type { Group } from "../api/roster";
import { useMe } from "../frame/who";

/** The title of the page is the choice of the group: mine first. The range in the address stays. */
export function GroupChoice({ group, groups }: { group: string; groups: Group[] }) {
  const { t } = useTranslation();
  const me = useMe();
  const go = useNavigate();
  const { search } = useLocation();
  const sorted = [...groups].sort((a, b) => a.title.localeCompare(b.title));
  const mine = sorted.filter((g) => g.teachers.includes(me.person_id));
  const others = sorted.filter((g) => !g.teachers.includes(me.person_id));
  const options = (list: Group[]) =>
    list.map((g) => (
      <option key={g.group_id} value={g.group_id}>
        {g.title}
      </option>
    ));
  return (
    <h1 className="group-choice">
      <label>
        <span className="unseen">{t("journal.group")}</span>
        <select className="button" value={group} onChange={(event) => void go(`/journal/${event.target.value}${search}`)}>
          <optgroup label={t("journal.mine")}>{options(mine)}</optgroup>
          {others.length > 0 && <optgroup label={t("journal.others")}>{options(others)}</optgroup>}
        </select>
      </label>
    </h1>
  );
}
