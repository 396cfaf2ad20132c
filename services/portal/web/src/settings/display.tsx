import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../frame/field";
import { announce } from "../frame/status";
import { chooseTheme, theme, THEMES, type Theme } from "../frame/theme";
import { choose, LANGUAGES, type Language } from "../i18n";

/** How the pages look in this browser: language and colours. */
export function Display() {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState(theme);

  async function speak(language: Language) {
    await choose(language);
    await queries.invalidateQueries(); // services word their sentences too
  }

  function colour(next: Theme) {
    chooseTheme(next);
    setChosen(next);
    announce(t("settings.kept"));
  }

  return (
    <section className="card stack" aria-labelledby="display">
      <h2 id="display">{t("settings.display")}</h2>
      <p className="soft small">{t("settings.displayText")}</p>
      <Field label={t("frame.language")}>
        {(props) => (
          <select {...props} value={i18n.language} onChange={(event) => void speak(event.target.value as Language)}>
            {Object.entries(LANGUAGES).map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <fieldset className="line">
        <legend>{t("settings.colours")}</legend>
        {THEMES.map((one) => (
          <label key={one} className="tick">
            <input type="radio" name="theme" checked={chosen === one} onChange={() => colour(one)} />
            {t(`settings.colour.${one}`)}
          </label>
        ))}
      </fieldset>
    </section>
  );
}
