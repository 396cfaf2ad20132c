import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import * as api from "../api/favourites";
import * as roster from "../api/roster";
import type { Me } from "../api/roster";
import { useNames } from "./names";
import { servicesOf } from "./services";
import { announce } from "./status";
import { isStaff } from "./who";

const KEY = ["favourites"];
const HALF_AN_HOUR = 1_800_000;

const useFavourites = () => useQuery({ queryKey: KEY, queryFn: api.favourites, staleTime: HALF_AN_HOUR });

/** The person's own quick access, in the menu; nothing while there is none. */
export function Favourites({ me }: { me: Me }) {
  const { t } = useTranslation();
  const { data = [] } = useFavourites();
  const name = useTitles(me, data);
  if (data.length === 0) return null;
  return (
    <>
      <p className="menu-head" id="menu-favourites">
        {t("favourites.title")}
      </p>
      <ul aria-labelledby="menu-favourites">
        {data.map((to) => (
          <li key={to}>
            <Link to={to} className="menu-link favourite">
              {name(to)}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Keeps the page that is open among the favourites, or takes it out. */
export function Star({ me }: { me: Me }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { pathname, search } = useLocation();
  const query = useFavourites();
  const here = pathname + search;
  const name = useTitles(me, [here]);
  const kept = query.data ?? [];
  const has = kept.includes(here);

  async function change() {
    const next = has ? kept.filter((to) => to !== here) : [...kept, here];
    queries.setQueryData(KEY, next);
    try {
      await api.keepFavourites(next);
      announce(t(has ? "favourites.removed" : "favourites.added", { name: name(here) }));
    } catch {
      queries.setQueryData(KEY, kept);
      announce(t("favourites.failed"));
    }
  }

  return (
    <button type="button" className="button plain star" aria-pressed={has} disabled={query.data === undefined} title={t(has ? "favourites.remove" : "favourites.add")} onClick={() => void change()}>
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <path d="M10 2.2l2.4 5 5.4.7-4 3.8 1 5.4-4.8-2.6-4.8 2.6 1-5.4-4-3.8 5.4-.7z" />
      </svg>
      <span className="unseen">{t("favourites.add")}</span>
    </button>
  );
}

/** What a page is called: by its service, its group, its pupil; only addresses are kept, names are asked for. */
function useTitles(me: Me, addresses: readonly string[]): (to: string) => string {
  const { t, i18n } = useTranslation();
  const services = useMemo(() => new Map(servicesOf(me).map((one) => [one.to, one.name])), [me, i18n.language]);
  const ofGroup = (to: string) => /^\/(?:journal|roll|terms\/[^/]+)\/([0-9a-f-]{36})/.exec(to)?.[1];
  const ofPupil = (to: string) => /^\/pupils\/([0-9a-f-]{36})\/(\w+)/.exec(to);
  const groups = useQuery({
    queryKey: ["groups", "all"],
    queryFn: () => roster.groups(false),
    staleTime: 300_000,
    enabled: isStaff(me) && addresses.some((to) => ofGroup(to) !== undefined),
  });
  const name = useNames(addresses.map((to) => ofPupil(to)?.[1] ?? null));
  return (to) => {
    const known = services.get(to);
    if (known) return known;
    const pupil = ofPupil(to);
    if (pupil) return `${t(`service.${pupil[2]}.name`)}: ${name(pupil[1] ?? null)}`;
    const [, first = ""] = /^\/([^/?#]+)/.exec(to) ?? [];
    const page = i18n.exists(`service.${first}.name`) ? t(`service.${first}.name`) : to;
    const group = groups.data?.find((one) => one.group_id === ofGroup(to));
    return group ? `${page}: ${group.title}` : page;
  };
}
