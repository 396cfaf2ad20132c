import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { isProblem, type Problem } from "../api/problem";
import { Field } from "../frame/field";
import { announce } from "../frame/status";
import { useDraft } from "./draft";

type Written = { text: string; message: string; key: string };
const fresh = (): Written => ({ text: "", message: crypto.randomUUID(), key: crypto.randomUUID() });

type Props = {
  /** What the draft is called in this browser. */
  name: string;
  className: string;
  rows: number;
  label: string;
  button: string;
  said: string;
  write: (id: string, text: string, key: string) => Promise<unknown>;
  /** The first parts of the queries that are old afterwards. */
  stale: readonly string[];
};

/** Writing into a conversation or beside a record: kept in this browser at every key until the service has it. */
export function Answer({ name, className, rows, label, button, said, write, stale }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [empty] = useState(fresh);
  const draft = useDraft<Written>(name, empty);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function send(event: FormEvent) {
    event.preventDefault();
    const { text, message, key } = draft.value;
    if (text.trim() === "" || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await write(message, text, key);
      await draft.reset(fresh());
      announce(said);
      for (const old of stale) await queries.invalidateQueries({ queryKey: [old] });
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className={className} onSubmit={(event) => void send(event)} noValidate>
      <Field label={label} error={problem && (problem.status === 0 ? t("messages.keptOffline") : (problem.at("/text") ?? problem.detail))}>
        {(props) => (
          <textarea
            {...props}
            rows={rows}
            value={draft.value.text}
            // other words are another command: a new key goes with them
            onChange={(event) => draft.set({ ...draft.value, text: event.target.value, key: crypto.randomUUID() })}
            onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && void send(event)}
          />
        )}
      </Field>
      <div className="line">
        <button type="submit" className="button main" disabled={busy || draft.value.text.trim() === ""}>
          {button}
        </button>
        <span className="soft small by-keys">{t("messages.sendKey")}</span>
      </div>
    </form>
  );
}
