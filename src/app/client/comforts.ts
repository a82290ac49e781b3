/** How somebody wants the page to look, beyond what the device says by itself. */
export interface Comforts {
  readonly theme: Theme;
  readonly textSize: TextSize;
  readonly motion: Motion;
}

export const THEMES = ["system", "light", "dark"] as const;
export const TEXT_SIZES = ["system", "large", "larger"] as const;
export const MOTIONS = ["system", "less"] as const;
export type Theme = (typeof THEMES)[number];
export type TextSize = (typeof TEXT_SIZES)[number];
export type Motion = (typeof MOTIONS)[number];

/** What each is called in storage, and behind `data-` at the root of the page. */
export const COMFORT_NAMES = { theme: "theme", textSize: "text-size", motion: "motion" } as const satisfies Readonly<
  Record<keyof Comforts, string>
>;

/** Whether a text, from wherever it comes, is one of these choices. */
export function isOneOf<Choice extends string>(choices: readonly Choice[], text: string | null): text is Choice {
  return choices.some((choice) => choice === text);
}

/**
 * Shows the page so: styles/tokens.css reads the attributes of its root, colours follow `color-scheme`, and the browser's
 * own bars theme-color.
 */
export function showComforts(page: Document, comforts: Comforts): void {
  for (const comfort of ["theme", "textSize", "motion"] as const) {
    const [name, choice] = [`data-${COMFORT_NAMES[comfort]}`, comforts[comfort]];
    if (choice === "system") page.documentElement.removeAttribute(name);
    else page.documentElement.setAttribute(name, choice);
  }
  const { theme } = comforts;
  for (const meta of page.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const own = meta.media.includes("dark") ? "dark" : "light";
    meta.content = PAPER[theme === "system" ? own : theme];
  }
}

/** The paper of styles/tokens.css. */
const PAPER = { light: "#faf6ef", dark: "#14120e" } as const;
