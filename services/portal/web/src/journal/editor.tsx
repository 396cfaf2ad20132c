import { useLayoutEffect, useRef, useState } from "react";
import type { Scale } from "../api/grades";
import { readMark } from "../marks/values";

type Props = { text: string; scale: Scale; label: string; commit: (text: string, move: boolean) => void; back: () => void };

/** The field inside a cell. Arrows are its own; Enter stores, Esc restores, leaving stores. The format is checked while typing. */
export function Editor({ text: initial, scale, label, commit, back }: Props) {
  const [text, setText] = useState(initial);
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  const read = readMark(text, scale);
  // half of «н/а» or «4/» is not wrong yet
  const wrong = read.kind === "wrong" && !/[/,.]$/.test(text.trim()) && !/^[нnозefp]/i.test(text.trim());

  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(initial.length, initial.length);
  }, [initial]);

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
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        maxLength={24}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => finish(() => commit(text, false))}
        onKeyDown={(event) => {
          if (event.key === "Enter") finish(() => commit(text, true));
          else if (event.key === "Escape") finish(back);
          else if (event.key === "Tab") return;
          else return event.stopPropagation();
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      {wrong && <span className="editor-hint">{read.why}</span>}
    </>
  );
}
