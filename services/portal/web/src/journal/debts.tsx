import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Due } from "../ahead/card";
import * as api from "../api/ahead";
import type { Member } from "../api/roster";
import { shortDay } from "../calendar";
import { Disclosed } from "../frame/disclosed";
import { useTerms } from "../frame/range";
import { kindName } from "../marks/values";

/** What the pupils of this group owe this school year. */
export function DebtsOfGroup({ group, members, today }: { group: string; members: readonly Member[]; today: string }) {
  const { t } = useTranslation();
  return (
    <Disclosed className="button plain small" face={t("ahead.debts")} more={() => <Debts group={group} members={members} today={today} />}>
      <h2>{t("ahead.debtsOfGroup")}</h2>
    </Disclosed>
  );
}

function Debts({ group, members, today }: { group: string; members: readonly Member[]; today: string }) {
  const { t } = useTranslation();
  const { years, known } = useTerms();
  const year = years.find((one) => one.starts <= today && today <= one.ends);
  const query = useQuery({
    queryKey: ["journal", group, "debts"],
    queryFn: () => api.debts(group, year?.starts ?? today, year?.ends ?? today),
    enabled: known,
  });
  if (!query.data) return <p className="soft small">{t("state.loading")}</p>;
  const { debts } = query.data;
  if (debts.length === 0) return <p className="soft">{t("ahead.noDebts")}</p>;
  const name = (pupil: string) => members.find((member) => member.person_id === pupil)?.name ?? "";
  return (
    <table className="list-table">
      <tbody>
        {debts.map((one) => (
          <tr key={`${one.work_id} ${one.pupil_id}`}>
            <th scope="row">{name(one.pupil_id)}</th>
            <td className="small">
              {one.title ?? kindName(one.kind)}, {shortDay(one.on)}
            </td>
            <td>
              <Due debt={one} none={t("ahead.noDue")} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
