import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import * as records from "../api/records";
import type { Member } from "../api/roster";
import { addDays, mondayOf, moment, shortDay } from "../calendar";
import { Sign } from "../frame/sign";
import { Disclosed } from "../frame/disclosed";

/** Which families have signed this week and the one before. */
export function SeenByFamilies({ group, members, today }: { group: string; members: readonly Member[]; today: string }) {
  const { t } = useTranslation();
  return (
    <Disclosed className="button plain small" face={t("signature.ofClass")} more={() => <Signatures group={group} members={members} today={today} />}>
      <h2>{t("signature.who")}</h2>
    </Disclosed>
  );
}

function Signatures({ group, members, today }: { group: string; members: readonly Member[]; today: string }) {
  const { t } = useTranslation();
  const weeks = [addDays(mondayOf(today), -7), mondayOf(today)] as const;
  const query = useQuery({
    queryKey: ["signatures", "group", group, ...weeks],
    queryFn: () => records.signatures({ group_id: group }, weeks[0], weeks[1]),
  });
  if (!query.data) return <p className="soft small">{t("state.loading")}</p>;
  const { signatures } = query.data;
  return (
    <table className="list-table signatures">
      <thead>
        <tr>
          <th scope="col">{t("journal.pupil")}</th>
          {weeks.map((monday) => (
            <th key={monday} scope="col">
              {shortDay(monday)} – {shortDay(addDays(monday, 6))}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {members.map((member) => (
          <tr key={member.person_id}>
            <th scope="row">{member.name}</th>
            {weeks.map((monday) => {
              const signed = signatures.findLast((one) => one.pupil_id === member.person_id && one.monday === monday);
              return (
                <td key={monday} className="small signed">
                  {signed ? <><Sign kind="done" /> {moment(signed.at)}</> : <span className="soft">{t("signature.none")}</span>}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
