import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { moment } from "../calendar";
import { useAttempt } from "../frame/attempt";
import { Field } from "../frame/field";
import { announce } from "../frame/status";

type Props = {
  name: ReactNode;
  /** Those that are given out, with the moment of each. */
  shared: readonly { id: string; at: string }[];
  /** Gives out a new one. */
  make: () => Promise<{ id: string; address: string }>;
  withdraw: (id: string) => Promise<unknown>;
  /** The query that lists them. */
  stale: string;
  /** What a new address is for, and where it goes. */
  label: string;
  hint: string;
  open?: { label: string; href: (address: string) => string };
};

/** One's secret addresses for something. A new one is seen once, here; nobody can show it again. */
export function Addresses({ name, shared, make, withdraw, stale, label, hint, open }: Props) {
  const { t } = useTranslation();
  const [made, setMade] = useState<{ id: string; address: string } | null>(null);
  const { attempt, fault, busy } = useAttempt(stale);
  const heading = useId();
  return (
    <div className="addresses stack" role="group" aria-labelledby={heading}>
      <h3 id={heading} className="line">
        {name}
      </h3>
      {shared.map(({ id, at }) => (
        <div key={id} className="stack">
          {made?.id === id && <NewAddress address={made.address} label={label} hint={hint} {...(open ? { open } : {})} />}
          <div className="line">
            <span className="soft small">{t("addresses.since", { time: moment(at) })}</span>
            <button type="button" className="button" disabled={busy} onClick={() => void attempt(() => withdraw(id), t("addresses.gone"))}>
              {t("addresses.withdraw")}
            </button>
          </div>
        </div>
      ))}
      <div className="line">
        <button type="button" className="button" disabled={busy} onClick={() => void attempt(async () => setMade(await make()), t("addresses.made"))}>
          {shared.length > 0 ? t("addresses.another") : t("addresses.make")}
        </button>
      </div>
      {fault && (
        <p className="field-error" role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}

function NewAddress({ address, label, hint, open }: { address: string } & Pick<Props, "label" | "hint" | "open">) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);

  async function copy() {
    await navigator.clipboard.writeText(address);
    setCopied(true);
    announce(t("addresses.copied"));
  }

  return (
    <>
      <Field label={label} hint={hint}>
        {(props) => <input {...props} readOnly value={address} onFocus={(event) => event.target.select()} />}
      </Field>
      <div className="line">
        <button type="button" className="button main" onClick={() => void copy()}>
          {copied ? t("addresses.copied") : t("addresses.copy")}
        </button>
        {open && (
          <a className="button" href={open.href(address)}>
            {open.label}
          </a>
        )}
      </div>
    </>
  );
}
