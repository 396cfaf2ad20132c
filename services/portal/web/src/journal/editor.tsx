import { useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Criterion, Scale } from "../api/grades";
import { typingAt } from "../marks/criteria";
import type { Column } from "./columns";
import { readCell } from "./entry";

type Props = {
  text: string;
  work: Column["work"];
  scale: Scale;
  label: string;
  commit: (text: string, move: boolean) => void;
  /** To the mark's comment, with what has been typed so far. */
  note: (text: string) => void;
  /** The same to every empty cell of the column. */
  fill: (text: string) => void;
  back: () => void;
};

/** The field inside a cell. Arrows are its own; Enter stores, Esc restores, leaving stores. The format is checked while typing. */
export function Editor({ text: initial, work, scale, label, commit, note, fill, back }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(initial);
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  const below = useId();
  const read = readCell(text, work, scale);
  // half of «н/а» or «4/» is not wrong yet
  const wrong = read.kind === "wrong" && !read.more && !/[/,.]$/.test(text.trim()) && !/^[нnозefp]/i.test(text.trim());

  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(initial.length, initial.length);
  }, [initial]);

  /** Whether the focus only went to a button of this field. */
  const stays = (to: EventTarget | null) => to === field.current || (to instanceof Element && to.closest(`[data-of="${below}"]`) !== null);
  const leave = (to: EventTarget | null) => !stays(to) && finish(() => commit(text, false));

  function finish(act: () => void) {
    if (done.current) return;
    done.current = true;
    act();
  }

  return (
    <>
      <input
        ref={field}
        className="editor"
        value={text}
        aria-label={label}
        aria-invalid={wrong}
        aria-describedby={below}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        maxLength={60}
        onChange={(event) => setText(event.target.value)}
        onBlur={(event) => leave(event.relatedTarget)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) finish(() => fill(text));
          else if (event.key === "Enter") finish(() => commit(text, true));
          else if (event.key === "Escape") finish(back);
          else if (event.key === "F2" && event.shiftKey) finish(() => note(text));
          else if (event.key === "Tab") return;
          else return event.stopPropagation();
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span className="editor-below">
        <span id={below} className={wrong ? "editor-hint wrong" : "editor-hint"} aria-live="polite">
          {wrong ? read.why : work?.criteria?.length ? <Order criteria={work.criteria} at={typingAt(text, work.criteria)} /> : null}
        </span>
        <span className="editor-more" data-of={below}>
          <More hint={t("comment.key")} act={() => finish(() => note(text))} leave={leave} back={() => finish(back)}>
            {t("mark.comment")}
          </More>
          <More hint={t("journal.fillKey")} act={() => finish(() => fill(text))} leave={leave} back={() => finish(back)}>
            {t("journal.fill")}
          </More>
        </span>
      </span>
    </>
  );
}

type MoreProps = { hint: string; act: () => void; leave: (to: EventTarget | null) => void; back: () => void; children: string };

/** What else can be done with what is being typed. */
function More({ hint, act, leave, back, children }: MoreProps) {
  return (
    <button
      type="button"
      className="editor-note"
      title={hint}
      onPointerDown={(event) => event.preventDefault()} // the field keeps the focus, and what was typed
      onClick={act}
      onBlur={(event) => leave(event.relatedTarget)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") back();
      }}
    >
      {children}
    </button>
  );
}

/** The criteria in the order of typing, the one that comes next marked. */
function Order({ criteria, at }: { criteria: readonly Criterion[]; at: number }) {
  const { t } = useTranslation();
  const next = criteria[at];
  return (
    <>
      <span className="unseen">{next ? t("criteria.next", { ...next }) : t("criteria.all")}</span>
      <span aria-hidden="true">
        {criteria.map(({ code, most }, n) => (
          <span key={code} className={n === at ? "criterion next" : "criterion"}>
            {code}
            <small>{most}</small>
          </span>
        ))}
      </span>
    </>
  );
}
