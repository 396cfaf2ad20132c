import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { dayAndTime } from "../calendar";
import type { Erasure } from "../api/roster";
import { useNames } from "../frame/names";
import { Empty, Loaded } from "../frame/states";
import { useMe } from "../frame/who";
import "./erasures.css";
import { erasuresOf } from "./page";

const SOON = 3_000; // milliseconds until it is looked whether the key is destroyed
const DATA = ["names", "birth", "numbers", "contacts", "texts"];

/** One act with the extract of the log under it, as a sheet to be printed and signed. */
export function ActPage() {
  const { t } = useTranslation();
  const { personId } = useParams();
  const query = useQuery({
    ...erasuresOf,
    refetchInterval: ({ state }) => state.data?.some((one) => one.person_id === personId && one.key_destroyed_at === null) && SOON,
  });
  return (
    <Loaded query={query}>
      {(acts) => {
        const found = acts.find((one) => one.person_id === personId);
        return found === undefined ? <Empty title={t("erasures.unknown")} /> : <Sheet act={found} />;
      }}
    </Loaded>
  );
}

function Sheet({ act }: { act: Erasure }) {
  const { t } = useTranslation();
  const me = useMe();
  const name = useNames([act.by]);
  const district = me.roles.find((role) => role.school_id === act.district_id)?.school;
  return (
    <>
      <title>{t("erasures.sheet", { act: act.act })}</title>
      <div className="head unprinted">
        <Link className="button" to="/erasures">
          {t("erasures.all")}
        </Link>
        <button type="button" className="button main" disabled={act.key_destroyed_at === null} onClick={() => print()}>
          {t("erasures.print")}
        </button>
      </div>
      {act.key_destroyed_at === null && (
        <p className="unprinted" role="status">
          {t("erasures.wait")}
        </p>
      )}
      <article className="card sheet">
        <h1>{t("erasures.sheet", { act: act.act })}</h1>
        <dl>
          <Row word="operator">{district ?? <Blank />}</Row>
          <Row word="operatorAddress">
            <Blank />
          </Row>
          <Row word="subject">
            <code>{act.person_id}</code> <span className="soft">{t("erasures.noName")}</span>
          </Row>
          <Row word="data">
            <ul>
              {DATA.map((kind) => (
                <li key={kind}>{t(`erasures.kind.${kind}`)}</li>
              ))}
            </ul>
          </Row>
          <Row word="system">{t("erasures.systemText")}</Row>
          <Row word="how">{t("erasures.howText")}</Row>
          <Row word="reason">
            <Blank />
          </Row>
          <Row word="by">{name(act.by)}</Row>
          <Row word="at">{dayAndTime(act.at)}</Row>
          <Row word="destroyed">{act.key_destroyed_at === null ? t("erasures.notYet") : dayAndTime(act.key_destroyed_at)}</Row>
        </dl>
        <p className="small soft">{t("erasures.kept")}</p>
        <div className="act-signatures">
          {[1, 2, 3].map((place) => (
            <p key={place}>
              <Blank /> <span className="small soft">{t("erasures.signature")}</span>
            </p>
          ))}
        </div>
      </article>
    </>
  );
}

function Row({ word, children }: { word: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      <dt>{t(`erasures.${word}`)}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** To be filled in by hand. */
function Blank() {
  return <span className="blank" />;
}
