import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { isProblem, type Problem } from "../api/problem";
import * as ties from "../api/ties";
import { moment } from "../calendar";
import { useAttempt } from "../frame/attempt";
import { Field } from "../frame/field";
import { useRested } from "../frame/rested";
import { Loaded, Skeleton } from "../frame/states";
import { announce } from "../frame/status";

/** What this person claims, and a form for another child. */
export function Claims() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["claims"], queryFn: ties.claims, staleTime: 0 });
  return (
    <section className="card stack" aria-labelledby="by-school">
      <h2 id="by-school">{t("join.bySchool")}</h2>
      <p className="soft">{t("join.bySchoolText")}</p>
      <Loaded query={query} skeleton={<Skeleton lines={3} />}>
        {({ claims }) => (
          <>
            {claims.length > 0 && (
              <ol className="tie-list" aria-label={t("join.mine")}>
                {claims.map((one) => (
                  <MyClaim key={one.claim_id} claim={one} />
                ))}
              </ol>
            )}
            <ClaimForm key={claims.length} />
          </>
        )}
      </Loaded>
    </section>
  );
}

function MyClaim({ claim: one }: { claim: ties.Claim }) {
  const { t } = useTranslation();
  const { attempt, fault, busy } = useAttempt("claims");
  return (
    <li>
      <p>
        <b>{one.child}</b> · {one.class_title} · {one.school}
      </p>
      <p className="small">
        <b className={one.state === "waiting" || one.state === "confirmed" ? "" : "soft"}>{t(`join.state.${one.state}`)}</b> <span className="soft">{moment(one.at)}</span>
      </p>
      {one.state === "waiting" && (
        <div className="line">
          <button type="button" className="button" disabled={busy} onClick={() => void attempt(() => ties.withdrawClaim(one.claim_id), t("join.takenBack"))}>
            {t("join.takeBack")}
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

/** What is typed stays until the claim is sent. */
function ClaimForm() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [id] = useState(() => crypto.randomUUID());
  const [school, setSchool] = useState<ties.SchoolNamed | null>(null);
  const [child, setChild] = useState("");
  const [form, setForm] = useState("");
  const [relation, setRelation] = useState<ties.Relation>("parent");
  const [missing, setMissing] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const whole = school !== null && child.trim() !== "" && form.trim() !== "";

  async function send(event: FormEvent) {
    event.preventDefault();
    if (!whole) return setMissing(true);
    setBusy(true);
    try {
      await ties.claim({ claim_id: id, school_id: school.school_id, child, class_title: form, relation });
      announce(t("join.sent"));
      await queries.invalidateQueries({ queryKey: ["claims"] });
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  const at = (pointer: string, empty: boolean) => problem?.at(pointer) ?? (missing && empty ? t("join.missing") : null);
  const elsewhere = problem && !["/school_id", "/child", "/class_title", "/relation"].some((pointer) => problem.at(pointer));
  return (
    <form className="stack" noValidate onChange={() => setProblem(null)} onSubmit={(event) => void send(event)}>
      <SchoolChoice chosen={school} choose={setSchool} error={at("/school_id", school === null)} />
      <div className="pair">
        <Field label={t("join.child")} hint={t("join.childHint")} error={at("/child", child.trim() === "")}>
          {(props) => <input {...props} autoComplete="off" maxLength={200} value={child} onChange={(event) => setChild(event.target.value)} />}
        </Field>
        <Field label={t("join.class")} hint={t("join.classHint")} error={at("/class_title", form.trim() === "")}>
          {(props) => <input {...props} autoComplete="off" maxLength={200} value={form} onChange={(event) => setForm(event.target.value)} />}
        </Field>
      </div>
      <RelationChoice relation={relation} choose={setRelation} />
      {elsewhere && (
        <p className="field-error" role="alert">
          {problem.detail || t("state.offlineText")}
        </p>
      )}
      <div className="line">
        <button type="submit" className="button main" disabled={busy}>
          {t("join.send")}
        </button>
      </div>
    </form>
  );
}

export function RelationChoice({ relation, choose }: { relation: ties.Relation; choose: (relation: ties.Relation) => void }) {
  const { t } = useTranslation();
  return (
    <Field label={t("tie.relation")}>
      {(props) => (
        <select {...props} value={relation} onChange={(event) => choose(event.target.value as ties.Relation)}>
          {ties.RELATIONS.map((one) => (
            <option key={one} value={one}>
              {t(`tie.relations.${one}`)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

type Choice = { chosen: ties.SchoolNamed | null; choose: (school: ties.SchoolNamed | null) => void; error: string | null };

/** A school by a part of its name or by its number. */
function SchoolChoice({ chosen, choose, error }: Choice) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const asked = useRested(text.trim(), 200);
  const long = asked.length >= 2 || /^\d+$/.test(asked);
  const found = useQuery({ queryKey: ["schools", asked], queryFn: ({ signal }) => ties.schools(asked, signal), enabled: long && chosen === null, placeholderData: (before) => before });
  if (chosen)
    return (
      <div className="line">
        <span>
          <span className="soft">{t("join.school")}:</span> {chosen.name} <span className="soft small">{chosen.district}</span>
        </span>
        <button type="button" className="button" onClick={() => choose(null)}>
          {t("join.otherSchool")}
        </button>
      </div>
    );
  const schools = long ? (found.data ?? []) : [];
  return (
    <>
      <Field label={t("join.school")} hint={found.isError ? t("search.failed") : t("join.schoolHint")} error={error}>
        {(props) => <input {...props} type="search" autoComplete="off" maxLength={100} value={text} onChange={(event) => setText(event.target.value)} />}
      </Field>
      {long && found.data && (
        <ul className="tie-choices" aria-label={t("join.schools")}>
          {schools.map((school) => (
            <li key={school.school_id}>
              <button type="button" className="button" onClick={() => choose(school)}>
                {school.name} <span className="soft small">{school.district}</span>
              </button>
            </li>
          ))}
          {schools.length === 0 && <li className="soft small">{t("join.noSchool")}</li>}
        </ul>
      )}
    </>
  );
}
