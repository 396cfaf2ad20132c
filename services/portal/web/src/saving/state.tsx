import { useEffect, useRef, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { firstOfMonth, lastOfMonth } from "../calendar";
import { announce } from "../frame/status";
import { useCells } from "./queue-of";
import { HELD, type SaveQueue } from "./queue";
import type { Cell } from "./store";
import "./state.css";

/** The page where the cell is. */
function addressOf({ column, group, on }: Cell): string {
  if (column.startsWith("term/")) return `/terms/${column.slice("term/".length)}`;
  return `/journal/${group}?first=${firstOfMonth(on)}&last=${lastOfMonth(on)}`;
}

/** In words, whether all is saved; what is not leads to its cell. `reach` focuses a cell of this page, if it is here. */
export function SaveState({ queue, reach }: { queue: SaveQueue; reach: (column: string, pupil: string) => boolean }) {
  const { t } = useTranslation();
  const cells = useCells(queue);
  const silent = useSyncExternalStore(queue.subscribe, queue.silent);
  const busy = useRef(false);
  if (cells.length > 0) busy.current = true;
  const failed = cells.filter((c) => c.refused);
  const waiting = cells.length - failed.length;
  const words = silent && waiting > 0 ? t("save.silent", { count: waiting }) : waiting > 0 ? t("save.saving") : failed.length > 0 || !busy.current ? "" : t("save.saved");
  const faults = failed.filter((c) => c.refused?.code !== HELD).length;
  useEffect(() => {
    if (faults > 0) announce(t("save.failed", { count: faults }));
  }, [faults, t]);
  const first = failed[0];
  return (
    <p className={`save-state ${silent && waiting > 0 ? "silent" : ""}`}>
      <span role="status">{words}</span>
      {first && (
        <Link
          className="save-failed"
          to={addressOf(first)}
          onClick={(event) => reach(first.column, first.pupil) && event.preventDefault()}
        >
          {t("save.failed", { count: failed.length })}
        </Link>
      )}
    </p>
  );
}
