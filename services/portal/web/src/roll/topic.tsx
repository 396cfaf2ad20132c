import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { writeTopic } from "../api/lessons";
import { isProblem } from "../api/problem";
import { Field } from "../frame/field";
import { announce } from "../frame/status";

type Props = { place: { group_id: string; on: string; number: number }; topic: string };

/** What the lesson is about; saved when the field is left or by Enter. What is typed stays when it is refused. */
export function Topic({ place, topic }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [text, setText] = useState(topic);
  const [fault, setFault] = useState<string | null>(null);

  async function save() {
    if (text.trim() === topic || text.trim() === "") return;
    try {
      await writeTopic(place, text.trim());
      setFault(null);
      announce(t("save.saved"));
      await queries.invalidateQueries({ queryKey: ["week"] });
    } catch (error) {
      if (!isProblem(error)) throw error;
      setFault(error.status === 0 ? t("messages.keptOffline") : (error.at("/topic") ?? error.detail));
    }
  }

  return (
    <form
      className="topic"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Field label={t("roll.topic")} error={fault}>
        {(props) => <input {...props} value={text} maxLength={1000} onChange={(event) => setText(event.target.value)} onBlur={() => void save()} />}
      </Field>
    </form>
  );
}
