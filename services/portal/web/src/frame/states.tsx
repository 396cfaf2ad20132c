import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "../api/problem";
import { clock } from "../calendar";
import "./states.css";

/** Grey lines where text will stand. `lines` is how many. */
export function Skeleton({ lines = 6, tall = false }: { lines?: number; tall?: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="skeleton" aria-busy="true">
      <span className="unseen" role="status">
        {t("state.loading")}
      </span>
      {Array.from({ length: lines }, (_, n) => (
        <div key={n} className={tall ? "bone tall" : "bone"} style={{ width: `${94 - ((n * 23) % 38)}%` }} />
      ))}
    </div>
  );
}

export function Empty({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <svg viewBox="0 0 64 48" width="64" height="48" aria-hidden="true">
        <path d="M32 10C26 5 16 4 6 6v34c10-2 20-1 26 4 6-5 16-6 26-4V6c-10-2-20-1-26 4zm0 0v34M13 15c4-.5 8 0 12 1.5M13 23c4-.5 8 0 12 1.5" />
      </svg>
      <h2>{title}</h2>
      {text && <p className="soft">{text}</p>}
      {children}
    </div>
  );
}

/** A page for others: whoever finds its address is told so. */
export function NotYours() {
  const { t } = useTranslation();
  return <Empty title={t("state.hidden")} text={t("state.hiddenText")} />;
}

/** Why something could not be shown, in words, and a way on. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const status = isProblem(error) ? error.status : -1;
  // a part of the application that could not be fetched is no answer of a service
  const unreached = status === 0 || (status < 0 && !navigator.onLine);
  const kind = unreached ? "offline" : status === 403 || status === 404 ? "hidden" : "failed";
  const detail = isProblem(error) ? error.detail : "";
  return (
    <div className="empty" role="alert">
      <h2>{t(`state.${kind}`)}</h2>
      <p className="soft">{kind === "failed" && detail ? detail : t(`state.${kind}Text`)}</p>
      {retry && kind !== "hidden" && (
        <button type="button" className="button" onClick={retry}>
          {t("state.again")}
        </button>
      )}
    </div>
  );
}

type Shown<T> = { query: UseQueryResult<T>; skeleton?: ReactNode; children: (data: T) => ReactNode };

/** A query's four faces: skeleton, data, old data with a word about its age, failure. */
export function Loaded<T>({ query, skeleton, children }: Shown<T>) {
  const { t } = useTranslation();
  if (query.data === undefined) {
    if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
    return skeleton ?? <Skeleton />;
  }
  return (
    <>
      {query.isError && (
        <p className="aged" role="status">
          {t("state.aged", { time: clock(query.dataUpdatedAt) })}{" "}
          <button type="button" className="button" onClick={() => void query.refetch()}>
            {t("state.again")}
          </button>
        </p>
      )}
      {children(query.data)}
    </>
  );
}
