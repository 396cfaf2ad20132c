import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { speak } from "../api/http";

export const LANGUAGES = { ru: "Русский", en: "English" } as const;
export type Language = keyof typeof LANGUAGES;

const KEPT = "diary.language";
const words: Record<Language, () => Promise<{ default: object }>> = {
  ru: () => import("./ru.json"),
  en: () => import("./en.json"),
};

function kept(): Language {
  try {
    return localStorage.getItem(KEPT) === "en" ? "en" : "ru";
  } catch {
    return "ru"; // storage is closed to us: the default serves
  }
}

function tell(language: Language): void {
  speak(language);
  document.documentElement.lang = language;
}

/** Loads the words of the language last chosen here; Russian at first. */
export async function begin(): Promise<void> {
  const language = kept();
  const { default: translation } = await words[language]();
  tell(language);
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
}

export async function choose(language: Language): Promise<void> {
  const { default: translation } = await words[language]();
  i18next.addResourceBundle(language, "translation", translation);
  tell(language);
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // it holds until the page is closed
  }
  await i18next.changeLanguage(language);
}
