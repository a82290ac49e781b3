import { readFileSync } from "node:fs";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";
import { curveKernels } from "./tools/kernel-plugin.ts";
import { publishedFiles } from "./tools/file-list.ts";
import { LongTestsFirst } from "./tools/long-tests-first.ts";
import { PAGE_FILES, publicPages } from "./tools/public-pages.ts";
import { withIntegrity } from "./tools/precache-integrity.ts";
import { WEB_MANIFEST } from "./tools/web-manifest.ts";

const manifest = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8")) as { version: string };

const MINUTE_MS = 60_000;

// `npm run soak` runs the full counts; a test that samples 200 cases in seconds then takes hours.
const soak = process.env["SOAK"] === "1";
const inVitest = process.env["VITEST"] !== undefined;

// Units that wait for the end of connections leave two processors idle when two files run at a time. Networks of
// validators and browsers do not: three of them would make each other late.
const WAITING_WORKERS = 3;

// The longest shell chunk is far below this; the curve kernels and libp2p are what comes close.
const PRECACHE_FILE_BYTES_MAX = 4 * 1024 * 1024;

const APP_FOLDER = "dist/app";

/**
 * What the claim page and the app both begin with. All that they share is here, or whoever opens a red packet would wait for
 * the rest of the app.
 */
const BASE = [
  /^\0(rolldown\/runtime|vite\/preload-helper)/,
  /\/node_modules\/svelte\//,
  /\/src\/app\/styles\/app\.css$/,
  /\/src\/app\/client\/(connect|moments|open-preferences|register-service-worker|worker-url-policy)\.ts$/,
  /\/src\/app\/components\/(Field|Icon|Notice|PacketPicture|RedPacket|Theirs)\.svelte$/,
  /\/src\/app\/i18n\/(formats|language-codes)\.ts$/,
  /\/src\/app\/state\/(browser-kind|preferences\.svelte|session\.svelte|shown-picture)\.ts$/,
  /\/src\/core\/values\/packet-link\.ts$/,
];

/**
 * What is always loaded together is one file with one sheet of styles: over HTTP/1.1 six requests run at a time, and on a
 * slow network each costs as much as 30 kB. Each with everything it imports that is in none before it.
 */
const JOINED_CHUNKS = [
  { name: "base", test: (id: string) => BASE.some((part) => part.test(id)), priority: 5 },
  { name: "shell", test: /\/src\/app\/start-app\.ts$/, priority: 4 },
  { name: "first", test: /\/src\/app\/screens\/(Pay|Start)Screen\.svelte$/, priority: 3 },
  // Of two screens or more.
  { name: "parts", test: /\/src\/app\/components\//, minShareCount: 2, priority: 2 },
  // One tap away from the first: `NEAR` of src/app/screens/screens.ts.
  { name: "near", test: /\/src\/app\/screens\/(Send|Receive|History|Packets|Explore|Me)Screen\.svelte$/, priority: 1 },
];

const progressiveWebApp = VitePWA({
  strategies: "injectManifest",
  srcDir: "workers",
  filename: "service.worker.ts",
  // The app registers the worker itself: its policy allows no inline script and only known worker URLs.
  injectRegister: false,
  // They are among the files that the patterns find.
  includeManifestIcons: false,
  injectManifest: {
    globPatterns: ["**/*.{js,css,html,svg,png,woff2,wasm,bin,json}"],
    globIgnores: [
      "**/network.json",
      ".vite/**",
      // What only tests and makers look at is fetched when they do.
      "**/{pseudo-texts,open-gallery}-*",
      // The system takes these once, when the app is installed.
      "icons/*.png",
    ],
    maximumFileSizeToCacheInBytes: PRECACHE_FILE_BYTES_MAX,
    manifestTransforms: [(entries) => ({ manifest: withIntegrity(entries, APP_FOLDER) })],
  },
  manifest: WEB_MANIFEST,
});

export default defineConfig({
  plugins: [
    svelte({ configFile: false, compilerOptions: { runes: true, fragments: "tree" } }),
    curveKernels(),
    publicPages(),
    ...(inVitest ? [] : [...progressiveWebApp, publishedFiles(APP_FOLDER)]),
  ],
  define: { "import.meta.env.APP_VERSION": JSON.stringify(manifest.version) },
  worker: { format: "es", plugins: () => [curveKernels()] },
  build: {
    outDir: APP_FOLDER,
    emptyOutDir: true,
    target: "es2023",
    sourcemap: false,
    reportCompressedSize: false,
    // tools/sizes.ts reads from it which chunks the page loads at once and which later.
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: { input: ["index.html", ...PAGE_FILES], output: { codeSplitting: { groups: JOINED_CHUNKS } } },
  },
  test: {
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongTestsFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          environment: "node",
          include: ["tests/unit/**/*.test.ts", "tests/contract/**/*.test.ts"],
          // A minute alone on a slow machine may be four beside others.
          testTimeout: soak ? 600 * MINUTE_MS : 5 * MINUTE_MS,
          hookTimeout: 2 * MINUTE_MS,
          maxWorkers: WAITING_WORKERS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "architecture",
          environment: "node",
          include: ["tests/architecture/**/*.test.ts"],
          testTimeout: MINUTE_MS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "sim",
          environment: "node",
          include: ["tests/sim/**/*.test.ts"],
          testTimeout: soak ? 600 * MINUTE_MS : 3 * MINUTE_MS,
          hookTimeout: MINUTE_MS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          // Drives a Chromium of its own, one file at a time: two at once would make each other time out.
          name: "browser",
          environment: "node",
          include: ["tests/browser/**/*.test.ts"],
          testTimeout: 5 * MINUTE_MS,
          hookTimeout: 2 * MINUTE_MS,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          // Networks of real processes without any page: they wait for blocks more than they compute.
          name: "processes",
          environment: "node",
          include: ["tests/processes/**/*.test.ts"],
          testTimeout: 5 * MINUTE_MS,
          hookTimeout: 5 * MINUTE_MS,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          environment: "node",
          include: ["tests/e2e/**/*.test.ts"],
          testTimeout: 5 * MINUTE_MS,
          hookTimeout: 5 * MINUTE_MS,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
