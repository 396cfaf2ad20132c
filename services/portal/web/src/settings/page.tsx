import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import * as notify from "../api/notify";
import { isProblem, type Problem } from "../api/problem";
import { moment } from "../calendar";
import { Field } from "../frame/field";
import { Loaded } from "../frame/states";
import { announce } from "../frame/status";
import { useTourStart } from "../frame/tour";
import { isTeacher, useMe } from "../frame/who";
import { Calendars } from "./calendars";
import { Display } from "./display";
import { Rss } from "./rss";
import { Thresholds } from "./thresholds";
import "./settings.css";

const KINDS = ["mark", "term", "absence", "late", "test", "threshold", "decline", "timetable", "remark", "comment", "message", "claim", "journal"] as const;
const CHANNELS = ["portal", "email"] as const;

export function SettingsPage() {
  const { t } = useTranslation();
  const startTour = useTourStart(useMe());
  const query = useQuery({ queryKey: ["wishes"], queryFn: notify.wishes });
  return (
    <>
      <title>{t("tab.settings")}</title>
      <div className="head">
        <h1>{t("tab.settings")}</h1>
      </div>
      <Loaded query={query}>
        {(wishes) => (
          <div className="settings">
            <Wishes wishes={wishes} />
            <EMail wishes={wishes} />
            <Display />
            <Thresholds />
            <Calendars />
            <Rss />
            <section aria-labelledby="tour">
              <h2 id="tour">{t("tour.title")}</h2>
              <p className="soft small">{t("tour.again")}</p>
              <button type="button" className="button" onClick={startTour}>
                {t("tour.start")}
              </button>
            </section>
          </div>
        )}
      </Loaded>
    </>
  );
}

/** What to be told, and how; each change is kept at once. */
function Wishes({ wishes: { wishes, consents } }: { wishes: notify.Wishes }) {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const reachable = (channel: string) => channel === "portal" || consents.some((c) => c.channel === channel);
  const has = (kind: string, channel: string) => wishes.find((w) => w.kind === kind)?.channels.includes(channel) ?? channel === "portal";

  async function set(kind: string, channel: string, on: boolean) {
    const next = KINDS.map((k) => ({
      kind: k as string,
      channels: CHANNELS.filter((c) => (k === kind && c === channel ? on : has(k, c))) as string[],
    }));
    const rest = wishes.filter((w) => !KINDS.some((k) => k === w.kind));
    queries.setQueryData<notify.Wishes>(["wishes"], { wishes: [...next, ...rest], consents });
    try {
      await notify.setWishes([...next, ...rest]);
      setProblem(null);
      announce(t("settings.kept"));
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    }
    await queries.invalidateQueries({ queryKey: ["wishes"] });
  }

  return (
    <section className="card stack" aria-labelledby="wishes">
      <h2 id="wishes">{t("settings.tell")}</h2>
      <table className="wishes">
        <thead>
          <tr>
            <th scope="col">{t("settings.event")}</th>
            {CHANNELS.map((channel) => (
              <th key={channel} scope="col">
                {t(`channel.${channel}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {KINDS.filter((kind) => kind !== "journal" || isTeacher(me)).map((kind) => (
            <tr key={kind}>
              <th scope="row">{t(`wish.${kind}`)}</th>
              {CHANNELS.map((channel) => (
                <td key={channel}>
                  <label className="tick">
                    <input
                      type="checkbox"
                      checked={has(kind, channel) && reachable(channel)}
                      disabled={!reachable(channel)}
                      onChange={(event) => void set(kind, channel, event.target.checked)}
                    />
                    <span className="unseen">
                      {t(`wish.${kind}`)}: {t(`channel.${channel}`)}
                    </span>
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {!reachable("email") && <p className="soft small">{t("settings.needsConsent")}</p>}
      {problem && (
        <p className="field-error" role="alert">
          {problem.detail || t("state.offlineText")}
        </p>
      )}
    </section>
  );
}

/** Agreement to be written to, at which address; taken back with one button. */
function EMail({ wishes }: { wishes: notify.Wishes }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const given = wishes.consents.find((c) => c.channel === "email");
  const [address, setAddress] = useState("");
  const [agreed, setAgreed] = useState(false);
  const [changing, setChanging] = useState(false);
  const [fault, setFault] = useState<{ address?: string; agreed?: string }>({});

  async function attempt(act: () => Promise<unknown>, said: string) {
    try {
      await act();
      setFault({});
      announce(said);
      await queries.invalidateQueries({ queryKey: ["wishes"] });
    } catch (error) {
      if (!isProblem(error)) throw error;
      setFault({ address: error.at("/address") ?? (error.detail || t("state.offlineText")) });
    }
  }

  function agree(event: FormEvent) {
    event.preventDefault();
    if (!/^\S+@\S+\.\S+$/.test(address.trim())) return setFault({ address: t("settings.badAddress") });
    if (!agreed) return setFault({ agreed: t("settings.agreeFirst") });
    void attempt(() => notify.consent("email", address.trim()).then(() => setChanging(false)), t("settings.consented"));
  }

  return (
    <section className="card stack" aria-labelledby="email">
      <h2 id="email">{t("settings.email")}</h2>
      {given && !changing ? (
        <>
          <p>
            {t("settings.writesTo")} <b>{given.address}</b>
            <span className="soft small under">{t("settings.since", { time: moment(given.at) })}</span>
          </p>
          <div className="line">
            <button
              type="button"
              className="button"
              onClick={() => {
                setAddress(given.address);
                setAgreed(false);
                setChanging(true);
              }}
            >
              {t("frame.edit")}
              <span className="unseen"> {t("settings.address")}</span>
            </button>
            <button type="button" className="button" onClick={() => void attempt(() => notify.withdraw("email"), t("settings.withdrawn"))}>
              {t("settings.withdraw")}
            </button>
          </div>
        </>
      ) : (
        <form className="stack" onSubmit={agree} noValidate>
          <Field label={t("settings.address")} error={fault.address}>
            {(props) => <input {...props} type="email" autoComplete="email" value={address} onChange={(event) => setAddress(event.target.value)} />}
          </Field>
          <label className="tick">
            <input type="checkbox" checked={agreed} aria-invalid={Boolean(fault.agreed)} onChange={(event) => setAgreed(event.target.checked)} />
            {t("settings.agree")}
          </label>
          {fault.agreed && (
            <p className="field-error" role="alert">
              {fault.agreed}
            </p>
          )}
          <div className="line">
            <button type="submit" className="button main">
              {t("settings.give")}
            </button>
            {given && (
              <button type="button" className="button plain" onClick={() => setChanging(false)}>
                {t("work.cancel")}
              </button>
            )}
          </div>
        </form>
      )}
    </section>
  );
}
