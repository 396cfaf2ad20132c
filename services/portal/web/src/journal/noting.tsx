import { useState, type FormEvent, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { GivenMark } from "../api/grades";
import { Field } from "../frame/field";
import { showCriteria } from "../marks/criteria";
import { Talk } from "../talk/talk";
import { Beside } from "./beside";
import type { Column } from "./columns";
import { readCell, type Desk, type Words } from "./entry";
import { Phrases } from "./phrases";

type Props = {
  anchor: HTMLElement | null;
  column: Column;
  pupil: string;
  desk: Desk;
  /** A mark that is saved, or on its way: it takes no comment any more. */
  stands: GivenMark | "sent" | null;
  first: { text: string; words: Words };
  /** Called at every key, so that nothing is lost with the page. */
  keep: (text: string, words: Words) => void;
  store: (text: string, words: Words, move: boolean) => void;
  /** Esc: the cell is to be as it was. */
  back: () => void;
  close: () => void;
};

/** A mark with the teacher's words to it. They go together: the service takes no words to a mark that stands. */
export function Noting({ anchor, column, pupil, desk, stands, first, keep, store, back, close }: Props) {
  const { t } = useTranslation();
  if (stands === null) return <Writing anchor={anchor} column={column} desk={desk} first={first} keep={keep} store={store} back={back} />;
  const { comment, recommendation }: Partial<GivenMark> = stands === "sent" ? {} : stands;
  return (
    <Beside label={t("comment.title")} anchor={anchor} leave={close}>
      {comment && <p className="note-words">{comment}</p>}
      {recommendation && (
        <p className="note-words">
          <span className="soft small under">{t("mark.recommendation")}</span>
          {recommendation}
        </p>
      )}
      <p className="soft small">{t(comment || recommendation ? "comment.fixed" : "comment.late")}</p>
      {column.work && !column.work.draft && stands !== "sent" && (
        <Talk beside={{ about: "mark", object_id: column.work.work_id, pupil_id: pupil, group_id: desk.group, on: column.known.on }} />
      )}
      <button type="button" className="button" onClick={close}>
        {t("work.cancel")}
      </button>
    </Beside>
  );
}

function Writing({ anchor, column, desk, first, keep, store, back }: Omit<Props, "stands" | "close" | "pupil">) {
  const { t } = useTranslation();
  const [text, setText] = useState(first.text);
  const [words, setWords] = useState(first.words);
  const [wrong, setWrong] = useState<string | null>(null);
  const [field, setField] = useState<"comment" | "recommendation">("comment");

  function change(next: { text?: string; words?: Words }) {
    const now = { text, words, ...next };
    setText(now.text);
    setWords(now.words);
    setWrong(null);
    keep(now.text, now.words);
  }

  function save(event: FormEvent | KeyboardEvent) {
    event.preventDefault();
    const read = readCell(text, column.work, desk.scale);
    if (read.kind === "mark") return store(text, words, true);
    setWrong(read.kind === "wrong" ? read.why : t("comment.needsMark"));
  }

  // elsewhere on the page stores, as leaving any cell does
  const leave = (by: "key" | "pointer") => (by === "key" || text.trim() === "" ? back() : store(text, words, false));
  return (
    <Beside label={t("comment.title")} anchor={anchor} leave={leave}>
      <form className="stack" onSubmit={save} noValidate>
        <Field label={t("mark.mark")} {...(column.work?.criteria?.length ? { hint: showCriteria(column.work.criteria) } : {})} error={wrong}>
          {(props) => (
            <input {...props} data-first={first.text === "" || undefined} autoComplete="off" maxLength={60} value={text} onChange={(event) => change({ text: event.target.value })} />
          )}
        </Field>
        {(["comment", "recommendation"] as const).map((name, n) => (
          <Field key={name} label={t(`mark.${name}`)} {...(n === 1 ? { hint: t("comment.hint") } : {})} error={null}>
            {(props) => (
              <textarea
                {...props}
                data-first={(n === 0 && first.text !== "") || undefined}
                rows={n === 0 ? 3 : 2}
                maxLength={1000}
                value={words[name] ?? ""}
                onFocus={() => setField(name)}
                onChange={(event) => change({ words: { ...words, [name]: event.target.value } })}
                onKeyDown={(event) => event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing && save(event)}
              />
            )}
          </Field>
        ))}
        <Phrases
          typed={words[field] ?? ""}
          use={(phrase) => change({ words: { ...words, [field]: [words[field]?.trim(), phrase].filter(Boolean).join(" ") } })}
        />
        <button type="submit" className="button main">
          {t("work.save")}
        </button>
      </form>
    </Beside>
  );
}
