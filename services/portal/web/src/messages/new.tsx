import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import * as messaging from "../api/messaging";
import { isProblem, type Problem } from "../api/problem";
import * as roster from "../api/roster";
import { Field } from "../frame/field";
import { useNames } from "../frame/names";
import { Empty, Loaded } from "../frame/states";
import { announce } from "../frame/status";
import { useDraft } from "./draft";
import "./messages.css";

type Written = { to: string; pupil: string; subject: string; text: string; conversation: string; message: string; key: string };

const blank = (to = "", subject = "", text = ""): Written => ({
  to,
  pupil: "",
  subject,
  text,
  conversation: crypto.randomUUID(),
  message: crypto.randomUUID(),
  key: crypto.randomUUID(),
});

export function NewPage() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["contacts"], queryFn: roster.contacts, staleTime: 300_000 });
  return (
    <>
      <title>{t("messages.new")}</title>
      <div className="head">
        <h1>{t("messages.new")}</h1>
      </div>
      <Loaded query={query}>
        {(contacts) => (contacts.length === 0 ? <Empty title={t("messages.nobody")} /> : <Letter contacts={contacts} />)}
      </Loaded>
    </>
  );
}

/** Recipient from the contact list, subject and text. Whatever goes wrong, the words stay. */
function Letter({ contacts }: { contacts: roster.Contact[] }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const queries = useQueryClient();
  const [search] = useSearchParams();
  const [empty] = useState(() => blank(...["to", "subject", "text"].map((part) => search.get(part) ?? "")));
  const { value: letter, ...draft } = useDraft<Written>("letter", empty);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [missing, setMissing] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const contact = contacts.find((c) => c.person_id === letter.to);
  const about = contact?.about ?? [];
  const name = useNames(about);
  // other words are another command: a new key goes with them
  const change = (part: Partial<Written>) => draft.set({ ...letter, ...part, key: crypto.randomUUID() });
  const pupil = about.length === 1 ? (about[0] ?? "") : letter.pupil;

  async function send(event: FormEvent) {
    event.preventDefault();
    const lacking = new Set((["to", "subject", "text"] as const).filter((f) => letter[f].trim() === ""));
    setMissing(lacking);
    if (lacking.size > 0 || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await messaging.open(
        {
          conversation_id: letter.conversation,
          participants: [letter.to],
          ...(pupil ? { pupil_id: pupil } : {}),
          subject: letter.subject.trim(),
          text: letter.text,
          message_id: letter.message,
        },
        letter.key,
      );
      await draft.reset(blank(""));
      announce(t("messages.sent"));
      await queries.invalidateQueries({ queryKey: ["conversations"] });
      void go(`/messages/${letter.conversation}`, { replace: true });
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
      setBusy(false);
    }
  }

  const error = (field: string, pointer: string) => problem?.at(pointer) ?? (missing.has(field) ? t(`messages.missing.${field}`) : null);
  const elsewhere = problem && !["/participants", "/subject", "/text", "/pupil_id"].some((p) => problem.at(p));
  return (
    <form className="stack letter" onSubmit={(event) => void send(event)} noValidate>
      <Field label={t("messages.to")} error={error("to", "/participants")}>
        {(props) => (
          <select {...props} value={letter.to} onChange={(event) => change({ to: event.target.value, pupil: "" })}>
            <option value="">{t("messages.choose")}</option>
            {Object.entries(Object.groupBy(contacts, (c) => c.role)).map(([role, people]) => (
              <optgroup key={role} label={t(`role.${role}`)}>
                {[...(people ?? [])]
                  .sort((a, b) => a.name.localeCompare(b.name))
                  .map((c) => (
                    <option key={c.person_id} value={c.person_id}>
                      {c.name}
                    </option>
                  ))}
              </optgroup>
            ))}
          </select>
        )}
      </Field>
      {about.length > 1 && (
        <Field label={t("messages.aboutWhom")} error={problem?.at("/pupil_id")}>
          {(props) => (
            <select {...props} value={letter.pupil} onChange={(event) => change({ pupil: event.target.value })}>
              <option value="">{t("messages.chooseChild")}</option>
              {about.map((id) => (
                <option key={id} value={id}>
                  {name(id)}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <Field label={t("messages.subject")} error={error("subject", "/subject")}>
        {(props) => <input {...props} value={letter.subject} maxLength={200} onChange={(event) => change({ subject: event.target.value })} />}
      </Field>
      <Field label={t("messages.text")} error={error("text", "/text")}>
        {(props) => <textarea {...props} rows={8} value={letter.text} onChange={(event) => change({ text: event.target.value })} />}
      </Field>
      {elsewhere && (
        <p className="field-error" role="alert">
          {problem.status === 0 ? t("messages.keptOffline") : (problem.errors[0]?.detail ?? problem.detail)}
        </p>
      )}
      <div className="line">
        <button type="submit" className="button main" disabled={busy}>
          {t("messages.send")}
        </button>
        <span className="soft small">{t("messages.kept")}</span>
      </div>
    </form>
  );
}
