import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import * as ties from "../api/ties";
import { useAttempt } from "../frame/attempt";
import { Field } from "../frame/field";
import { useMe } from "../frame/who";
import { Claims } from "./claims";
import { codeBrought } from "./code";
import "./ties.css";

/** A guardian says which child is his: by the school's code, at once, or by naming school and class, when the school has confirmed it. */
export function JoinPage() {
  const { t } = useTranslation();
  return (
    <>
      <title>{t("join.title")}</title>
      <div className="head">
        <h1>{t("join.title")}</h1>
      </div>
      <div className="ties">
        <ByCode />
        <Claims />
      </div>
    </>
  );
}

const AFTER = [0, 500, 1_500, 4_000]; // milliseconds: other services learn of a new tie a moment later

function ByCode() {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const [code, setCode] = useState(codeBrought);
  const [before, setBefore] = useState<readonly string[] | null>(null);
  const { attempt, fault, busy } = useAttempt();

  async function redeem(event: FormEvent) {
    event.preventDefault();
    const children = me.children.map((c) => c.person_id);
    if (!(await attempt(() => ties.redeem(code), t("join.done")))) return;
    setCode("");
    setBefore(children);
    for (const pause of AFTER) {
      await new Promise((rested) => setTimeout(rested, pause));
      await queries.invalidateQueries({ queryKey: ["me"] });
    }
  }

  const added = before === null ? [] : me.children.filter((c) => !before.includes(c.person_id));
  return (
    <section className="card stack" aria-labelledby="by-code">
      <h2 id="by-code">{t("join.byCode")}</h2>
      <p className="soft">{t("join.byCodeText")}</p>
      <form className="stack" noValidate onSubmit={(event) => void redeem(event)}>
        <Field label={t("join.code")} hint={t("join.codeHint")} error={fault || null}>
          {(props) => <input {...props} className="input code" autoComplete="off" autoCapitalize="characters" spellCheck="false" maxLength={100} value={code} onChange={(event) => setCode(event.target.value)} />}
        </Field>
        <div className="line">
          <button type="submit" className="button main" disabled={busy || code.trim() === ""}>
            {t("join.redeem")}
          </button>
        </div>
      </form>
      {before !== null && (
        <p role="status">
          {added.length === 0 ? t("join.coming") : t("join.added")}{" "}
          {added.map((child) => (
            <Link key={child.person_id} to={`/pupils/${child.person_id}/diary`}>
              {child.name}
            </Link>
          ))}
        </p>
      )}
    </section>
  );
}
