import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

/** The keys of the grid, opened by «?». */
export function Keys({ names, done }: { names: readonly (readonly [keys: string, word: string])[]; done: () => void }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={done} aria-labelledby="keys-title">
      <div className="stack">
        <h2 id="keys-title">{t("keys.title")}</h2>
        <dl className="facts keys">
          {names.map(([keys, word]) => (
            <div key={word} className="key-row">
              <dt>
                {keys.split(" ").map((key) => (
                  <kbd key={key}>{key === "arrows" ? t("keys.arrowKeys") : key.replaceAll("_", " ")}</kbd>
                ))}
              </dt>
              <dd>{t(`keys.${word}`)}</dd>
            </div>
          ))}
        </dl>
        <button type="button" className="button" autoFocus onClick={() => dialog.current?.close()}>
          {t("keys.close")}
        </button>
      </div>
    </dialog>
  );
}
