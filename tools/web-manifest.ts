import type { ManifestOptions } from "vite-plugin-pwa";
import { landingTexts } from "../src/app/i18n/en/landing.ts";
import { landingTexts as landingTextsZh } from "../src/app/i18n/zh/landing.ts";
import { en } from "../src/app/i18n/en.ts";
import { zh } from "../src/app/i18n/zh.ts";
import type { Route } from "../src/app/state/routes.ts";

const PAPER = "#faf6ef";
const TILE = "/icons/icon-192.png";

const png = (src: string, sizes: string) => ({ src, sizes, type: "image/png" });

/** What a long press on the app's icon offers. Browsers that cannot choose a language leave the second name out. */
function shortcut(name: string, chinese: string, url: Route) {
  return { name, name_localized: { zh: chinese }, url, icons: [png(TILE, "192x192")] };
}

/** Pictures for the browser's own offer to install: those of the same names in docs/screens. */
const [NARROW, WIDE] = ["pay-en-light-360.webp", "pay-en-light-1280.webp"] as const;
export const SCREENSHOTS: readonly string[] = [NARROW, WIDE];

function screenshot(file: string, sizes: string, form: "narrow" | "wide") {
  return { src: `/screenshots/${file}`, sizes, type: "image/webp", form_factor: form, label: en.pay.title };
}

/** How the app stands among the other apps of a device (https://www.w3.org/TR/appmanifest/). */
export const WEB_MANIFEST: Partial<ManifestOptions> = {
  // Stays what it is wherever the start may move: a browser knows the installed app by it.
  id: "/",
  name: landingTexts.name,
  short_name: landingTexts.name,
  description: landingTexts.card,
  lang: "en",
  dir: "ltr",
  start_url: "/",
  scope: "/",
  display: "standalone",
  background_color: PAPER,
  theme_color: PAPER,
  categories: ["finance"],
  icons: [
    png(TILE, "192x192"),
    png("/icons/icon-512.png", "512x512"),
    { ...png("/icons/icon-maskable-512.png", "512x512"), purpose: "maskable" },
  ],
  shortcuts: [
    shortcut(en.send.title, zh.send.title, "/pay/send"),
    shortcut(en.receive.title, zh.receive.title, "/pay/receive"),
    shortcut(en.scan.title, zh.scan.title, "/scan"),
  ],
  screenshots: [screenshot(NARROW, "360x740", "narrow"), screenshot(WIDE, "1280x800", "wide")],
  // Not among the members that the plugin knows, yet in the specification.
  ...{ description_localized: { zh: landingTextsZh.card } },
};
