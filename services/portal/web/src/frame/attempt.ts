import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "../api/problem";
import { announce } from "./status";

/**
 * What a person asks for with a button: done once at a time, said when done, the refusal kept for the page to show.
 * `stale` names the queries that are asked anew afterwards, whatever came of it.
 */
export function useAttempt(...stale: string[]) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);

  async function attempt(act: () => Promise<unknown>, said: string): Promise<void> {
    setBusy(true);
    try {
      await act();
      setFault("");
      announce(said);
    } catch (error) {
      if (!isProblem(error)) throw error;
      setFault(error.detail || t("state.offlineText"));
    } finally {
      for (const key of stale) await queries.invalidateQueries({ queryKey: [key] });
      setBusy(false);
    }
  }

  return { attempt, fault, busy };
}
