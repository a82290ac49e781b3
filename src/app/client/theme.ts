export type Theme = "system" | "light" | "dark";

export function isTheme(text: string | null): text is Theme {
  return text === "system" || text === "light" || text === "dark";
}

/** Shows the page in a theme: its colours follow `color-scheme`, the browser's own bars follow theme-color. */
export function showTheme(page: Document, theme: Theme): void {
  if (theme === "system") delete page.documentElement.dataset["theme"];
  else page.documentElement.dataset["theme"] = theme;
  for (const meta of page.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const own = meta.media.includes("dark") ? "dark" : "light";
    meta.content = PAPER[theme === "system" ? own : theme];
  }
}

/** The paper of styles/tokens.css. */
const PAPER = { light: "#faf6ef", dark: "#14120e" } as const;
