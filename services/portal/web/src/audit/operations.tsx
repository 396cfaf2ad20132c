import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as reporting from "../api/reporting";
import type { Changed, Operation, Operations } from "../api/reporting";
import { clock, dayAndMonth, dayOf, shortDay } from "../calendar";
import { useNames } from "../frame/names";
import { Empty, Failed, Skeleton } from "../frame/states";
import { Changes, deed } from "../history/entry";
import "./audit.css";

/** Services that prove what they wrote about a pupil. */
const PROVED: ReadonlySet<string> = new Set(["grades", "attendance"]);

/** `of`: the pupil whose page it is, and who is not named in every line again. */
type Props = { of?: string; name: readonly unknown[]; ask: (before: string | undefined) => Promise<Operations> };

/** Operations day by day, the newest first; more come when asked for. */
export function OperationList({ of, name, ask }: Props) {
  const { t } = useTranslation();
  const query = useInfiniteQuery({
    queryKey: ["operations", ...name],
    queryFn: ({ pageParam }) => ask(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Operations) => page.next ?? undefined,
    staleTime: 0,
  });
  if (query.data === undefined) return query.isError ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Skeleton lines={10} />;
  const found = query.data.pages.flatMap((page) => page.operations);
  if (found.length === 0) return <Empty title={t("audit.nothing")} text={t("audit.nothingText")} />;
  return (
    <>
      {byDay(found).map(([day, operations]) => (
        <section key={day} className="card operations" aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`}>{dayAndMonth(day)}</h2>
          <Day operations={operations} of={of} />
        </section>
      ))}
      {query.hasNextPage && (
        <p>
          <button type="button" className="button" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t(query.isFetchingNextPage ? "state.loading" : "audit.more")}
          </button>
        </p>
      )}
    </>
  );
}

function Day({ operations, of }: { operations: Operation[]; of: string | undefined }) {
  const { t } = useTranslation();
  const name = useNames(operations.flatMap((o) => [o.by, ...(o.entries.length === 1 ? [aboutWhom(o, o.entries[0])] : [])]));
  return (
    <ol>
      {operations.map((operation) => (
        <li key={operation.event_id} className="operation">
          <time className="soft" dateTime={operation.at}>
            {clock(operation.at)}
          </time>
          <div>
            <p>
              <b>{deed(operation.type)}</b> {where(operation)}
              <span className="soft small under">
                {name(operation.by) || t("audit.operator")}
                {of !== undefined && PROVED.has(operation.service) && (
                  <>
                    {" · "}
                    <a href={reporting.proofOf(operation, of)} download={`${operation.object_id}.json`}>
                      {t("audit.proof")}
                    </a>
                  </>
                )}
              </span>
            </p>
            {operation.entries.length === 1 ? <One operation={operation} name={(id) => (id === of || id === operation.by ? "" : name(id))} /> : <Many operation={operation} />}
          </div>
        </li>
      ))}
    </ol>
  );
}

function One({ operation, name }: { operation: Operation; name: (id: string | null) => string }) {
  const entry = operation.entries[0];
  if (entry === undefined) return null;
  const whom = name(aboutWhom(operation, entry));
  return (
    <>
      {whom && <p>{whom}</p>}
      <Changes entry={entry} />
    </>
  );
}

/** A whole column or roll: its entries are shown when it is opened, and only then are their names asked for. */
function Many({ operation }: { operation: Operation }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("audit.entries", { count: operation.entries.length })}</summary>
      {open && <Entries operation={operation} />}
    </details>
  );
}

function Entries({ operation }: { operation: Operation }) {
  const name = useNames(operation.entries.map((e) => aboutWhom(operation, e)));
  return (
    <ol className="operation-entries">
      {operation.entries.map((entry, n) => (
        <li key={n}>
          <span>{name(aboutWhom(operation, entry))}</span>
          <Changes entry={entry} />
        </li>
      ))}
    </ol>
  );
}

/** Of a family's ties each entry is about a guardian; of everything else about the pupil. */
function aboutWhom(operation: Operation, entry: Changed | undefined): string | null {
  if (entry === undefined) return null;
  return operation.type.includes(".family-set.") ? entry.object_id : entry.pupil_id;
}

const where = ({ group, on }: Operation) => [group, on && shortDay(on)].filter(Boolean).join(", ");

/** By the reader's own day: these are true times, not the school's calendar. */
function byDay(operations: Operation[]): [string, Operation[]][] {
  const days = new Map<string, Operation[]>();
  for (const operation of operations) {
    const day = dayOf(new Date(operation.at));
    days.set(day, [...(days.get(day) ?? []), operation]);
  }
  return [...days];
}
