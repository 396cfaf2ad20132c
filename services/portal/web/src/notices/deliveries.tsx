import { useQuery } from "@tanstack/react-query";
import i18next from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as notify from "../api/notify";
import { moment } from "../calendar";
import { Loaded } from "../frame/states";

const say = (group: string, word: string) => (i18next.exists(`${group}.${word}`) ? i18next.t(`${group}.${word}`) : word);

/** What was sent outside the portal, and whether it arrived. Asked for only when opened. */
export function Deliveries() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const query = useQuery({ queryKey: ["deliveries"], queryFn: notify.deliveries, enabled: open });
  return (
    <details className="deliveries" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("deliveries.title")}</summary>
      {open && (
        <Loaded query={query}>
          {({ deliveries }) =>
            deliveries.length === 0 ? (
              <p className="soft">{t("deliveries.nothing")}</p>
            ) : (
              <table className="marks-table">
                <thead>
                  <tr>
                    <th scope="col">{t("deliveries.at")}</th>
                    <th scope="col">{t("deliveries.what")}</th>
                    <th scope="col">{t("deliveries.channel")}</th>
                    <th scope="col">{t("deliveries.state")}</th>
                  </tr>
                </thead>
                <tbody>
                  {deliveries.map((one) => (
                    <tr key={one.delivery_id}>
                      <td>{moment(one.at)}</td>
                      <td>{say("wish", one.kind)}</td>
                      <td>{say("channel", one.channel)}</td>
                      <td>
                        {say("deliveries.states", one.state)}
                        {one.error && <span className="soft small under">{one.error}</span>}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )
          }
        </Loaded>
      )}
    </details>
  );
}
