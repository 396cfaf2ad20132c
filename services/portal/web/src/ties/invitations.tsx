import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { encode } from "uqr";
import type { Right } from "../api/roster";
import * as ties from "../api/ties";
import { moment, shownDay } from "../calendar";
import { useAttempt } from "../frame/attempt";
import { Field } from "../frame/field";
import { useNames } from "../frame/names";
import { Loaded, Skeleton } from "../frame/states";
import { usePupil } from "../frame/who";
import { RelationChoice } from "./claims";
import { addressOf, spelt } from "./code";
import { RIGHTS, RightsChoice } from "./rights";

const DAYS = [3, 14, 30, 60] as const;

/** Codes by which a person becomes a guardian. A new one is seen once, here; nobody can show it again. */
export function Invitations({ pupil }: { pupil: string }) {
  const { t } = useTranslation();
  const [made, setMade] = useState<Made | null>(null);
  const query = useQuery({ queryKey: ["invitations", pupil], queryFn: () => ties.invitations(pupil), staleTime: 0 });
  const until = query.data?.invitations.find((one) => one.invitation_id === made?.id)?.expires_on;
  return (
    <section className="card stack" aria-labelledby="invitations">
      <h2 id="invitations">{t("tie.invitations")}</h2>
      <p className="soft">{t("tie.invitationsText")}</p>
      {made ? <NewCode code={made.code} until={until} done={() => setMade(null)} /> : <Invite pupil={pupil} made={setMade} />}
      <Loaded query={query} skeleton={<Skeleton lines={2} />}>
        {({ invitations }) => (invitations.length === 0 ? null : <Given invitations={invitations} />)}
      </Loaded>
    </section>
  );
}

type Made = { id: string; code: string };

function Invite({ pupil, made }: { pupil: string; made: (made: Made) => void }) {
  const { t } = useTranslation();
  const [key] = useState(() => crypto.randomUUID()); // pressed again after a lost line: the same invitation
  const [id] = useState(() => crypto.randomUUID());
  const [relation, setRelation] = useState<ties.Relation>("parent");
  const [rights, setRights] = useState<readonly Right[]>(RIGHTS);
  const [days, setDays] = useState<number>(DAYS[1]);
  const { attempt, fault, busy } = useAttempt("invitations");
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(async () => made({ id, code: (await ties.invite({ invitation_id: id, pupil_id: pupil, relation, rights: [...rights], days }, key)).code }), t("tie.invited"));
      }}
    >
      <div className="pair">
        <RelationChoice relation={relation} choose={setRelation} />
        <Field label={t("tie.holds")}>
          {(props) => (
            <select {...props} value={days} onChange={(event) => setDays(Number(event.target.value))}>
              {DAYS.map((one) => (
                <option key={one} value={one}>
                  {t("tie.days", { count: one })}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <RightsChoice rights={rights} choose={setRights} />
      {fault && (
        <p className="field-error" role="alert">
          {fault}
        </p>
      )}
      <div className="line">
        <button type="submit" className="button main" disabled={busy}>
          {t("tie.invite")}
        </button>
      </div>
    </form>
  );
}

/** To be copied, read out or printed: the page prints as this alone. */
function NewCode({ code, until, done }: { code: string; until: string | undefined; done: () => void }) {
  const { t } = useTranslation();
  const { pupil } = usePupil();
  const name = useNames([pupil])(pupil);
  return (
    <div className="new-code">
      <Picture text={addressOf(code)} label={t("tie.picture")} />
      <div className="stack">
        <p>
          <b>{name}</b>
        </p>
        <p>{t("tie.codeText", { address: `${location.host}/join` })}</p>
        <p className="code-letters">{spelt(code)}</p>
        <p className="soft small">
          {t("tie.once")} {until && t("tie.holdsUntil", { day: shownDay(until) })}
        </p>
        <div className="line unprinted">
          <button type="button" className="button main" onClick={() => print()}>
            {t("tie.print")}
          </button>
          <button type="button" className="button" onClick={done}>
            {t("tie.handed")}
          </button>
        </div>
      </div>
    </div>
  );
}

/** A QR code, drawn as one path. */
function Picture({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { border: 2 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

function Given({ invitations }: { invitations: readonly ties.Invitation[] }) {
  const { t } = useTranslation();
  const { today } = usePupil();
  const name = useNames(invitations.flatMap((one) => [one.by, one.guardian_id]));
  const { attempt, fault, busy } = useAttempt("invitations");
  return (
    <>
      <ol className="tie-list" aria-label={t("tie.given")}>
        {invitations.map((one) => {
          const state = one.state === "open" && one.expires_on < today ? "expired" : one.state;
          return (
            <li key={one.invitation_id}>
              <p>
                <b className={state === "open" || state === "redeemed" ? "" : "soft"}>{t(`tie.state.${state}`)}</b> · {t(`tie.relations.${one.relation}`)}
                {one.guardian_id && <> · {name(one.guardian_id)}</>}
              </p>
              <p className="soft small">
                {name(one.by)}, {moment(one.at)} · {t("tie.until", { day: shownDay(one.expires_on) })}
              </p>
              {state === "open" && (
                <div className="line">
                  <button type="button" className="button" disabled={busy} onClick={() => void attempt(() => ties.withdrawInvitation(one.invitation_id), t("tie.withdrawn"))}>
                    {t("tie.withdraw")}
                    <span className="unseen"> {moment(one.at)}</span>
                  </button>
                </div>
              )}
            </li>
          );
        })}
      </ol>
      {fault && (
        <p className="field-error" role="alert">
          {fault}
        </p>
      )}
    </>
  );
}
