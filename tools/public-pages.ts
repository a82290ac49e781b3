import { join } from "node:path";
import type { HtmlTagDescriptor, Plugin } from "vite";
import { landingTexts as en } from "../src/app/i18n/en/landing.ts";
import { landingTexts as zh } from "../src/app/i18n/zh/landing.ts";
import { PACKET_BODY, PACKET_FLAP, PACKET_RIM } from "../src/app/components/packet-shape.ts";
import { ROOT } from "./run-command.ts";

const SEAL_GLYPH = "開";

type PageText = Exclude<keyof typeof en, "name" | "card">;

/** Pages that strangers are sent to: the text of each and the script that makes it live (product.md §4). */
const PAGES: Readonly<Record<string, { readonly text: PageText; readonly script: string }>> = {
  p: { text: "request", script: "/src/app/landing/request.ts" },
  c: { text: "check", script: "/src/app/landing/check.ts" },
  x: { text: "look", script: "/src/app/landing/look.ts" },
  r: { text: "claim", script: "/src/app/landing/claim.ts" },
};

/** Where bundlers look for the pages: no such files lie there, this plugin makes them. */
export const PAGE_FILES: readonly string[] = Object.keys(PAGES).map((name) => join(ROOT, `${name}.html`));

const PLACEHOLDER = "<!-- landing -->";

/** What a page is, in both languages, for the moment before its script runs and for browsers that run none. */
function landing(text: PageText): string {
  if (text === "claim") return sealedPacket();
  return `<main class="landing">
        <img src="/icons/icon.svg" alt="" width="64" height="64" />
        ${words(text)}
      </main>`;
}

function words(text: PageText): string {
  const paragraphs = (texts: readonly string[], lang: string): string =>
    texts.map((each) => `<p lang="${lang}">${each}</p>`).join("\n          ");
  const titles =
    en[text].title === zh[text].title
      ? en[text].title
      : `${en[text].title} <span lang="zh-Hans">${zh[text].title}</span>`;
  return `<h1>${titles}</h1>
        <noscript>
          ${paragraphs(en[text].words, "en")}
          ${paragraphs(zh[text].words, "zh-Hans")}
        </noscript>`;
}

/** A red packet as src/app/landing/ClaimPage.svelte draws it, but for what only a script can read. */
function sealedPacket(): string {
  return `<main class="claim">
        <header class="claim-head"><span class="claim-name">${en.name}</span></header>
        <div class="claim-packet">
          <div class="red-packet sealed">
            <svg class="body" viewBox="0 0 100 160" aria-hidden="true">
              <defs><clipPath id="edge"><rect width="100" height="160" rx="9" /></clipPath></defs>
              <g clip-path="url(#edge)">
                <path class="lacquer" d="${PACKET_BODY}" />
                <path class="flap" d="${PACKET_FLAP}" />
                <path class="rim" d="${PACKET_RIM}" />
              </g>
            </svg>
            <span class="disc" aria-hidden="true"><span class="glyph waits" lang="zh-Hant">${SEAL_GLYPH}</span></span>
          </div>
        </div>
        ${words("claim")}
      </main>`;
}

function pageHtml(name: string): string | undefined {
  const page = PAGES[name];
  if (page === undefined) return undefined;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
    <meta name="robots" content="noindex" />
    <title>${en[page.text].title} · ${en.name}</title>
  </head>
  <body>
    <div id="app">${landing(page.text)}</div>
    <script type="module" src="${page.script}"></script>
  </body>
</html>
`;
}

const meta = (attrs: Readonly<Record<string, string>>): HtmlTagDescriptor => {
  return { tag: "meta", attrs: { ...attrs }, injectTo: "head" };
};

/** The same for every page: whoever shows a preview of a link learns nothing of what the link is for. */
const HEAD: readonly HtmlTagDescriptor[] = [
  meta({ name: "description", content: en.card }),
  meta({ name: "referrer", content: "no-referrer" }),
  meta({ name: "color-scheme", content: "light dark" }),
  meta({ name: "theme-color", content: "#faf6ef", media: "(prefers-color-scheme: light)" }),
  meta({ name: "theme-color", content: "#14120e", media: "(prefers-color-scheme: dark)" }),
  meta({ property: "og:type", content: "website" }),
  meta({ property: "og:site_name", content: en.name }),
  meta({ property: "og:title", content: en.name }),
  meta({ property: "og:description", content: en.card }),
  meta({ property: "og:image", content: "/icons/icon-512.png" }),
  meta({ name: "twitter:card", content: "summary" }),
  { tag: "link", attrs: { rel: "icon", href: "/icons/icon.svg", type: "image/svg+xml" }, injectTo: "head" },
  { tag: "link", attrs: { rel: "apple-touch-icon", href: "/icons/icon-180.png" }, injectTo: "head" },
];

const nameOf = (path: string): string => path.replace(/^.*\/|\.html$|\?.*$/g, "");

/** Makes the public pages of the app, and gives every page its head and what it says without a script. */
export function publicPages(): Plugin {
  return {
    name: "public-pages",
    resolveId: (id) => (PAGE_FILES.includes(id) ? id : undefined),
    load: (id) => (PAGE_FILES.includes(id) ? pageHtml(nameOf(id)) : undefined),
    transformIndexHtml: {
      order: "pre",
      handler: (html) => ({ html: html.replace(PLACEHOLDER, landing("app")), tags: [...HEAD] }),
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? "").replace(/[?#].*$/, "");
        const html = /^\/\w+$/.test(path) ? pageHtml(path.slice(1)) : undefined;
        if (html === undefined) {
          next();
          return;
        }
        void server.transformIndexHtml(path, html).then((made) => {
          response.setHeader("content-type", "text/html; charset=utf-8");
          response.end(made);
        }, next);
      });
    },
  };
}
