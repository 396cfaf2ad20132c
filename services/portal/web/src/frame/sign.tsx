import "./sign.css";

/** Done, missing or still open, by shape first and colour second; the words beside it say the same. */
export function Sign({ kind }: { kind: "done" | "missing" | "open" }) {
  return (
    <svg className={`state-sign ${kind}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {kind === "done" && <path d="M3 8.5l3.2 3.2L13 4.8" />}
      {kind === "missing" && <path d="M8 1.5L15 14.5H1zM8 6.5v3.6M8 12.2v.3" />}
      {kind === "open" && <circle cx="8" cy="8" r="5.5" strokeDasharray="2.2 2.2" />}
    </svg>
  );
}
