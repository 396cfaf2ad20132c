import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../frame/field";

type Props = { label: string; act: string; busy?: boolean; fault?: string; send: (reason: string) => unknown; cancel?: () => void };

/** A reason that has to be given, and what is done for it. What is typed stays until it is accepted. */
export function ReasonForm({ label, act, busy = false, fault = "", send, cancel }: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  return (
    <form
      className="stack reason-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() === "") return setMissing(true);
        void send(reason);
      }}
    >
      <Field label={label} error={fault || (missing && reason.trim() === "" ? t("terms.reasonMissing") : null)}>
        {(props) => <input {...props} autoFocus maxLength={1000} value={reason} onChange={(event) => setReason(event.target.value)} />}
      </Field>
      <div className="line">
        <button type="submit" className="button main" disabled={busy}>
          {act}
        </button>
        {cancel && (
          <button type="button" className="button" onClick={cancel}>
            {t("terms.cancel")}
          </button>
        )}
      </div>
    </form>
  );
}
