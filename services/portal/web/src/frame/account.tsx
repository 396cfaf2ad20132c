import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Me } from "../api/roster";
import { signOut } from "../api/session";
import { forgetTab } from "../api/tab";
import { choose, LANGUAGES, type Language } from "../i18n";
import { forgetKept } from "../offline/kept";
import { forget } from "../saving/store";
import { announce } from "./status";

/** Who is signed in, the language, and the way out. */
export function Account({ me }: { me: Me }) {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);

  async function speak(language: Language) {
    await choose(language);
    await queries.invalidateQueries(); // services word their sentences too
  }

  async function leave(sure: boolean) {
    // unsaved cells live in this browser only; nobody loses them by a stray click
    if (!(await forget(sure))) return setAsking(true);
    await forgetKept();
    try {
      await signOut();
      forgetTab();
      location.assign("/auth/sign-in");
    } catch {
      announce(t("frame.signOutFailed"));
    }
  }

  return (
    <div className="account">
      <p className="small soft">
        {me.name}
        {me.roles[0] && <span className="account-role">{t(`role.${me.roles[0].role}`)}</span>}
      </p>
      <div className="line">
        <select
          className="button"
          aria-label={t("frame.language")}
          value={i18n.language}
          onChange={(event) => void speak(event.target.value as Language)}
        >
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
        <button type="button" className="button plain" onClick={() => void leave(false)}>
          {t("frame.signOut")}
        </button>
      </div>
      {asking && (
        <div role="alert" className="stack small">
          <p>{t("frame.unsavedOnLeaving")}</p>
          <div className="line">
            <button type="button" className="button" onClick={() => setAsking(false)}>
              {t("frame.stay")}
            </button>
            <button type="button" className="button plain" onClick={() => void leave(true)}>
              {t("frame.leaveAnyway")}
            </button>
          </div>
        </div>
      )}
    </div>
  );
}
