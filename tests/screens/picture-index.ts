import type { Way } from "../support/app-visitor.ts";

const LANGUAGES = { en: "English", zh: "简体中文" } as const;

/** Of the picture of a screen, seen in one way: `payment-done-zh-dark-360.webp`. */
export function pictureName(screen: string, { lang, colorScheme, viewport }: Way): string {
  const name = screen.toLowerCase().replaceAll(/[^a-z]+/g, "-");
  return `${name}-${lang}-${colorScheme}-${viewport.width}.webp`;
}

/** The page that shows all pictures, screen by screen. */
export function formatIndex(screens: readonly string[], ways: readonly Way[]): string {
  const head = [
    "# Screens",
    "",
    "Every screen over a client that answers what it is told to, in both languages, both themes, on a phone and at a desk. `npm run screens` takes the pictures anew, with the clock at one moment, so that what differs is what has changed. Han letters need a font: `fonts-noto-cjk` on Debian.",
    "",
  ];
  const sections = screens.flatMap((screen) => [
    `## ${screen[0]!.toUpperCase()}${screen.slice(1)}`,
    "",
    ...ways.map((way) => {
      const { lang, colorScheme, viewport } = way;
      return `<img src="${pictureName(screen, way)}" width="${Math.round(viewport.width / 3)}" alt="${screen}: ${LANGUAGES[lang]}, ${colorScheme}, ${viewport.width} px" />`;
    }),
    "",
  ]);
  return [...head, ...sections].join("\n");
}
