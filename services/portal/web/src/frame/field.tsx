import { useId, type ReactNode } from "react";
import "./field.css";

type Props = {
  label: string;
  hint?: string;
  error?: string | null | undefined;
  children: (props: { id: string; className: string; "aria-invalid": boolean; "aria-describedby": string | undefined }) => ReactNode;
};

/** A field with its label, its hint, and the service's sentence about it. */
export function Field({ label, hint, error, children }: Props) {
  const id = useId();
  const about = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, className: "input", "aria-invalid": Boolean(error), "aria-describedby": about })}
      {error ? (
        <p id={`${id}-error`} className="field-error" role="alert">
          {error}
        </p>
      ) : (
        hint && (
          <p id={`${id}-hint`} className="soft small">
            {hint}
          </p>
        )
      )}
    </div>
  );
}
