import type { ReactNode } from "react";

/** Shown as it is to the eye, and in these words to a screen reader. */
export function Said({ as, children }: { as: string; children: ReactNode }) {
  return (
    <>
      <span className="shown" aria-hidden="true">
        {children}
      </span>
      <span className="unseen">{as}</span>
    </>
  );
}
