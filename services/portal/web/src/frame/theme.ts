/** Light or dark: as the system has it, or as was chosen here. `early.ts` puts the choice on before the page is drawn. */
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEPT = "diary.theme";

export function theme(): Theme {
  try {
    return THEMES.find((one) => one === localStorage.getItem(KEPT)) ?? "system";
  } catch {
    return "system"; // storage is closed to us
  }
}

export function chooseTheme(chosen: Theme): void {
  if (chosen === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen;
  try {
    if (chosen === "system") localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, chosen);
  } catch {
    // it holds until the page is closed
  }
}
