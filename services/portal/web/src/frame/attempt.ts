import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem, type Problem } from "../api/problem";
import { announce } from "./status";

/**
 * What a person asks for with a button: done once at a time, said when done, the refusal kept for the page to show. `attempt` answers whether it was done.
 * `code` is the refusal's, for a page that can go on from it. `stale` names the queries that are asked anew afterwards, whatever came of it.
 */
export function useAttempt(...stale: string[]) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function attempt(act: () => Promise<unknown>, said: string): Promise<boolean> {
    setBusy(true);
    try {
      await act();
      setProblem(null);
      announce(said);
      return true;
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
      setBusy(false); // who mends it at once need not wait for what is read anew
      return false;
    } finally {
      for (const key of stale) await queries.invalidateQueries({ queryKey: [key] });
      setBusy(false);
    }
  }

  const fault = problem === null ? "" : (problem.errors[0]?.detail ?? problem.detail) || t("state.offlineText");
  return { attempt, fault, code: problem?.errors[0]?.code ?? problem?.code ?? "", busy };
}
