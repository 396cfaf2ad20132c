import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { dayAndMonth, shortDay } from "../calendar";
import { countOf, type Plan, type Planned } from "./block";

/** What a pasted block will write and what not, and why, before anything of it is written. */
export function Paste({ plan, write, done }: { plan: Plan; write: () => void; done: () => void }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>(".main:enabled")?.focus(); // Enter writes; else the table would have the focus
  }, []);
  const count = countOf(plan, "writes");
  const faults = plan.cells.filter((one) => one.why !== "");
  const same = countOf(plan, "same");
  return (
    <dialog ref={dialog} className="paste" aria-labelledby="paste-title" onClose={done} onKeyDown={(event) => event.stopPropagation()}>
      <div className="stack">
        <h2 id="paste-title">{t("paste.title")}</h2>
        <p>{count > 0 ? t("paste.writes", { count }) : t("paste.nothing")}</p>
        <Preview cells={plan.cells} />
        {faults.length > 0 && (
          <section className="stack" aria-labelledby="paste-faults">
            <h3 id="paste-faults">{t("paste.faults", { count: faults.length })}</h3>
            <ul className="paste-faults">
              {faults.map((one) => (
                <li key={`${one.column.slot} ${one.member.person_id}`}>
                  {one.member.name}, {dayAndMonth(one.column.on)}: <b>{one.text}</b> <span className="soft">{one.why}</span>
                </li>
              ))}
            </ul>
          </section>
        )}
        {same > 0 && <p className="soft small">{t("paste.same", { count: same })}</p>}
        {plan.outside > 0 && <p className="change">{t("paste.outside", { count: plan.outside })}</p>}
        <div className="line">
          <button
            type="button"
            className="button main"
            disabled={count === 0}
            onClick={() => {
              write();
              dialog.current?.close();
            }}
          >
            {t("paste.write", { count })}
          </button>
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            {t("work.cancel")}
          </button>
        </div>
      </div>
    </dialog>
  );
}

function Preview({ cells }: { cells: readonly Planned[] }) {
  const { t } = useTranslation();
  const members = [...new Map(cells.map((one) => [one.member.person_id, one.member])).values()];
  const columns = [...new Map(cells.map((one) => [one.column.slot, one.column])).values()];
  const at = new Map(cells.map((one) => [`${one.column.slot} ${one.member.person_id}`, one]));
  return (
    <div className="table-scroll paste-preview" role="group" aria-label={t("paste.preview")} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("journal.pupil")}</th>
            {columns.map((column) => (
              <th key={column.slot} scope="col">
                {shortDay(column.on)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <tr key={member.person_id}>
              <th scope="row">{member.name}</th>
              {columns.map((column) => {
                const one = at.get(`${column.slot} ${member.person_id}`);
                return (
                  <td key={column.slot} className={one?.verdict ?? ""}>
                    {one?.text}
                    {one && one.verdict !== "writes" && <span className="unseen"> {t(`paste.verdict.${one.verdict}`)}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
