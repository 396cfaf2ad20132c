import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import * as grades from "../api/grades";
import { isProblem } from "../api/problem";
import { announce } from "../frame/status";

/** The teacher's own phrases: one press writes one, one more keeps what was just typed. */
export function Phrases({ typed, use }: { typed: string; use: (phrase: string) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const query = useQuery({ queryKey: ["phrases"], queryFn: grades.phrases, staleTime: Number.POSITIVE_INFINITY, retry: false });
  const own = query.data?.phrases ?? [];
  const words = typed.trim();

  async function keep(next: string[], said: string) {
    try {
      await grades.keepPhrases(next);
      queries.setQueryData<grades.Phrases>(["phrases"], { phrases: next });
      announce(said);
    } catch (error) {
      if (!isProblem(error)) throw error;
      announce(error.errors[0]?.detail ?? (error.detail || t("state.offlineText")));
    }
  }

  if (own.length === 0 && words === "") return null;
  return (
    <section aria-label={t("phrases.title")}>
      {own.length > 0 && (
        <ul className="phrases">
          {own.map((phrase) => (
            <li key={phrase}>
              <button type="button" className="button small" onClick={() => use(phrase)}>
                {phrase}
              </button>
              <button
                type="button"
                className="button plain small"
                aria-label={t("phrases.drop", { phrase })}
                onClick={() => void keep(own.filter((one) => one !== phrase), t("phrases.dropped"))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      {words !== "" && !own.includes(words) && (
        <button type="button" className="button plain small" onClick={() => void keep([words, ...own], t("phrases.kept"))}>
          {t("phrases.keep")}
        </button>
      )}
    </section>
  );
}
