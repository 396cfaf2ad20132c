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

/** As the sign-in page chooses it: of what the browser asks for the first that we speak. `early.ts` says it too. */
function asked(): Language {
  return navigator.languages.find((one) => /^(ru|en)\b/.test(one))?.startsWith("en") ? "en" : "ru";
}

function kept(): Language {
  try {
    const chosen = localStorage.getItem(KEPT);
    return chosen === "en" || chosen === "ru" ? chosen : asked();
  } catch {
    return asked(); // storage is closed to us
  }
}

function tell(language: Language): void {
  speak(language);
  document.documentElement.lang = language;
}

/** Loads the words of the language last chosen here; at first of the one that the browser asks for. */
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
