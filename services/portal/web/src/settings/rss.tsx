import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { newSecret } from "../api/http";
import * as notify from "../api/notify";
import { Loaded } from "../frame/states";
import { Addresses } from "./addresses";

/** That something is new, in one's feed reader, by a secret address that can be taken back. */
export function Rss() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["feeds"], queryFn: notify.feeds });

  async function make() {
    const [id, secret] = [crypto.randomUUID(), newSecret()];
    await notify.shareFeed(id, secret);
    return { id, address: `${location.origin}/feed/${secret}.xml` };
  }

  return (
    <section className="card stack" aria-labelledby="rss">
      <h2 id="rss">{t("rss.title")}</h2>
      <p className="soft">{t("rss.what")}</p>
      <Loaded query={query}>
        {({ feeds }) => (
          <Addresses
            name={t("rss.own")}
            shared={feeds.map((one) => ({ id: one.feed_id, at: one.shared_at }))}
            make={make}
            withdraw={notify.withdrawFeed}
            stale="feeds"
            label={t("rss.address")}
            hint={t("rss.once")}
          />
        )}
      </Loaded>
    </section>
  );
}
