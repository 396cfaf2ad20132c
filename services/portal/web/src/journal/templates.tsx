import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as lessons from "../api/lessons";
import { useAttempt } from "../frame/attempt";
import { Field } from "../frame/field";

/** The teacher's own lists of topics: one fills the empty lessons, what stands here is kept as a new one. */
export function Templates({ topics, use }: { topics: readonly string[]; use: (topics: readonly string[]) => void }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["templates"], queryFn: lessons.templates, staleTime: 300_000 });
  const { attempt, fault, busy } = useAttempt("templates");
  const [chosen, setChosen] = useState("");
  const [title, setTitle] = useState<string | null>(null);
  const own = query.data?.templates ?? [];
  const template = own.find((one) => one.template_id === chosen);

  async function keep() {
    await attempt(async () => {
      await lessons.keepTemplate(crypto.randomUUID(), title ?? "", topics);
      setTitle(null);
    }, t("topics.kept"));
  }

  return (
    <section className="stack" aria-label={t("topics.templates")}>
      <div className="line">
        {own.length > 0 && (
          <>
            <select className="input" aria-label={t("topics.templates")} value={chosen} onChange={(event) => setChosen(event.target.value)}>
              <option value="">{t("topics.choose")}</option>
              {own.map((one) => (
                <option key={one.template_id} value={one.template_id}>
                  {one.title} ({one.topics.length})
                </option>
              ))}
            </select>
            {template && (
              <>
                <button type="button" className="button" onClick={() => use(template.topics)}>
                  {t("topics.use")}
                </button>
                {topics.length > 0 && topics.join("\n") !== template.topics.join("\n") && (
                  <button
                    type="button"
                    className="button"
                    disabled={busy}
                    onClick={() => void attempt(() => lessons.keepTemplate(template.template_id, template.title, topics), t("topics.kept"))}
                  >
                    {t("topics.rewrite")}
                  </button>
                )}
                <button
                  type="button"
                  className="button plain"
                  disabled={busy}
                  onClick={() => void attempt(() => lessons.removeTemplate(template.template_id), t("topics.removed"))}
                >
                  {t("topics.remove")}
                </button>
              </>
            )}
          </>
        )}
        {topics.length > 0 && title === null && (
          <button type="button" className="button" onClick={() => setTitle("")}>
            {t("topics.keep")}
          </button>
        )}
      </div>
      {title !== null && (
        <div className="line topics-keep">
          <Field label={t("topics.called")} error={fault}>
            {(props) => (
              <input
                {...props}
                autoFocus
                maxLength={100}
                value={title}
                onChange={(event) => setTitle(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key !== "Enter") return;
                  event.preventDefault(); // it stands in the form of the topics
                  void keep();
                }}
              />
            )}
          </Field>
          <button type="button" className="button" disabled={busy} onClick={() => void keep()}>
            {t("work.save")}
          </button>
          <button type="button" className="button plain" onClick={() => setTitle(null)}>
            {t("work.cancel")}
          </button>
        </div>
      )}
    </section>
  );
}
