import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import * as roster from "../api/roster";
import * as ties from "../api/ties";
import { moment } from "../calendar";
import { useAttempt } from "../frame/attempt";
import { gradeOf } from "../frame/children";
import { Field } from "../frame/field";
import { useRested } from "../frame/rested";
import { useMe } from "../frame/who";
import { RIGHTS, RightsChoice } from "./rights";
import "./ties.css";

const AGAIN = 60_000; // milliseconds

/** Who says that a pupil is his child: the school confirms it for one of its pupils, or declines. */
export function WaitingClaims() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["claims", "waiting"], queryFn: ties.waiting, refetchInterval: AGAIN });
  if (!query.data || query.data.claims.length === 0) return null;
  return (
    <section className="card stack waiting" aria-labelledby="waiting-claims">
      <h2 id="waiting-claims">{t("tie.waiting", { count: query.data.claims.length })}</h2>
      <ol className="tie-list">
        {query.data.claims.map((one) => (
          <Claim key={one.claim_id} claim={one} />
        ))}
      </ol>
    </section>
  );
}

function Claim({ claim: one }: { claim: ties.Waiting }) {
  const { t } = useTranslation();
  const school = useMe().schools.find((s) => s.school_id === one.school_id)?.name;
  const [choosing, setChoosing] = useState(false);
  const { attempt, fault, busy } = useAttempt("claims");
  return (
    <li>
      <p>
        <b>{one.guardian || t("tie.nameless")}</b> · {t(`tie.relations.${one.relation}`)}
      </p>
      <p>{t("tie.claims", { child: one.child, form: one.class_title })}</p>
      <p className="soft small">{[school, moment(one.at)].filter(Boolean).join(" · ")}</p>
      {choosing ? (
        <Choose claim={one} busy={busy} confirm={(pupil, rights) => attempt(() => ties.decide(one.claim_id, pupil, rights), t("tie.confirmed"))} cancel={() => setChoosing(false)} />
      ) : (
        <div className="line">
          <button type="button" className="button main" disabled={busy} onClick={() => setChoosing(true)}>
            {t("tie.find")}
            <span className="unseen"> {one.child}</span>
          </button>
          <button type="button" className="button" disabled={busy} onClick={() => void attempt(() => ties.decide(one.claim_id, null), t("tie.declined"))}>
            {t("tie.decline")}
            <span className="unseen"> {one.child}</span>
          </button>
        </div>
      )}
      {fault && (
        <p className="field-error" role="alert">
          {fault}
        </p>
      )}
    </li>
  );
}

type Choosing = { claim: ties.Waiting; busy: boolean; confirm: (pupil: string, rights: readonly roster.Right[]) => Promise<unknown>; cancel: () => void };

/** The school's own pupils by what the claimant wrote; who it is, a person decides. */
function Choose({ claim, busy, confirm, cancel }: Choosing) {
  const { t } = useTranslation();
  const group = useId();
  const [text, setText] = useState(claim.child);
  const [pupil, setPupil] = useState<string | null>(null);
  const [rights, setRights] = useState<readonly roster.Right[]>(RIGHTS);
  const asked = useRested(text.trim(), 200);
  const found = useQuery({ queryKey: ["persons", asked], queryFn: ({ signal }) => roster.persons(asked, signal), enabled: asked.length >= 2 });
  const pupils = (found.data ?? []).filter((one) => one.roles.includes("pupil") && one.school_ids.includes(claim.school_id));
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (pupil) void confirm(pupil, rights);
      }}
    >
      <Field label={t("tie.pupil")} hint={t("tie.pupilHint")}>
        {(props) => (
          <input
            {...props}
            type="search"
            autoComplete="off"
            maxLength={100}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setPupil(null);
            }}
          />
        )}
      </Field>
      <fieldset className="tie-choices">
        <legend className="unseen">{t("tie.pupils")}</legend>
        {pupils.map((one) => (
          <label key={one.person_id} className="tick">
            <input type="radio" name={group} checked={pupil === one.person_id} onChange={() => setPupil(one.person_id)} />
            {one.name} <span className="soft small">{[one.grade && gradeOf(one.grade), one.identifier].filter(Boolean).join(" · ")}</span>
          </label>
        ))}
        {found.data && pupils.length === 0 && <p className="soft small">{t("tie.noPupil")}</p>}
        {found.isError && <p className="soft small">{t("search.failed")}</p>}
      </fieldset>
      <RightsChoice rights={rights} choose={setRights} />
      <div className="line">
        <button type="submit" className="button main" disabled={busy || pupil === null}>
          {t("tie.confirm")}
        </button>
        <button type="button" className="button" onClick={cancel}>
          {t("absence.cancel")}
        </button>
      </div>
    </form>
  );
}
