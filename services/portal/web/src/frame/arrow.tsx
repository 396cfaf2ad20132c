import { Fragment } from "react";

/** «→», drawn: the typeface has none. The sign itself stays in the text, for screen readers and for copying. */
export function Arrow() {
  return (
    <span className="arrow">
      <span className="unseen"> → </span>
      <svg viewBox="0 0 14 8" width="14" height="8" aria-hidden="true">
        <path d="M0 4h12M9 1l3.5 3L9 7" fill="none" stroke="currentColor" strokeWidth="1.3" />
      </svg>
    </span>
  );
}

/** A sentence of a service in which «→» may stand. */
export function WithArrows({ text }: { text: string }) {
  return text.split("→").map((part, n) => (
    <Fragment key={n}>
      {n > 0 && <Arrow />}
      {part.trim()}
    </Fragment>
  ));
}
