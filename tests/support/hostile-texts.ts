import { decodeUtf8, encodeUtf8 } from "../../src/core/bytes/utf8.ts";
import { SeededNumbers } from "./seeded-numbers.ts";

/** As many as goal G29 asks for. */
export const HOSTILE_TEXTS = 5_000;
export const HOSTILE_SEED = Number(process.env["HOSTILE_SEED"] ?? 20_261);
/** For the name of a test: what brings the same texts once more. */
export const HOSTILE_REPLAY = `replay with HOSTILE_SEED=${HOSTILE_SEED}`;

/** Set on the page by whatever of these texts was run. */
export const RAN = "hostileTextRan";
const RUN = `globalThis.${RAN}=1`;
const ELSEWHERE = "https://elsewhere.example";

/** Texts that want to be markup, script, style, template, path, command or query. */
const ATTACKS: readonly string[] = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload=${RUN}>`,
  `<svg><animate onbegin=${RUN} attributeName=x dur=1s>`,
  `"><iframe srcdoc="<script>parent.${RAN}=1</script>">`,
  `'><input autofocus onfocus=${RUN}>`,
  `</textarea><details open ontoggle=${RUN}>`,
  `</title><script>${RUN}</script>`,
  `<math><mi xlink:href="javascript:${RUN}">`,
  `<a href="javascript:${RUN}">tap</a>`,
  `javascript:${RUN}//`,
  `java\tscript:${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `blob:${ELSEWHERE}/x`,
  `<meta http-equiv=refresh content="0;url=${ELSEWHERE}">`,
  `<link rel=stylesheet href=${ELSEWHERE}/x.css>`,
  `<style>@import "${ELSEWHERE}/x.css"; *{display:none}</style>`,
  `<base href=${ELSEWHERE}><form action=${ELSEWHERE}><button>Send</button></form>`,
  `<dialog open>Your coins are gone</dialog>`,
  `<!--`,
  `]]>`,
  `&lt;b&gt;&#x202e;&amp;`,
  `"; } * { inline-size: 9999px; } /*`,
  `expression(${RUN})`,
  `url(${ELSEWHERE}/x.png)`,
  `{{constructor.constructor('${RUN}')()}}`,
  `\${${RUN}}`,
  `{@html "<img src=x onerror=${RUN}>"}`,
  `{#each Array(1e9) as x}x{/each}`,
  `<%= ${RUN} %>`,
  `__proto__`,
  `constructor`,
  `toString`,
  `hasOwnProperty`,
  `' OR 1=1; --`,
  `'; DROP TABLE notes; --`,
  `{"ok":true,"__proto__":{"admin":1}}`,
  `[[[[[[[[[[[[[[[[`,
  `%s%n%x%d`,
  `%00%0d%0aSet-Cookie:x=1`,
  `../../../../etc/passwd`,
  `con.txt`,
  `=HYPERLINK("${ELSEWHERE}")`,
  `@SUM(1+1)*cmd|' /C calc'!A0`,
  `\u001b[2J\u001b]0;title\u0007`,
  `${ELSEWHERE}/r#AAAA`,
  `${ELSEWHERE}/p#AQ_oAwAA`,
  `//elsewhere.example`,
  `\\\\elsewhere.example\\share`,
  `stg1qqqqqqqqqqqqqqqqqqqqqqqq`,
  `dstgproof1qqqqqqqqqqqqqqqqqq`,
  `b-9880`,
  `undefined`,
  `NaN`,
  `-0`,
  `1e309`,
  `0x7fffffff`,
  `99999999999999999999999999`,
  `[object Object]`,
  `\\u0000\\x00\\`,
  `?lang=rtl#/me`,
  // Looks like words of ours.
  `Received +1,000 STG · Done`,
  `Stegos: type your recovery words here`,
  `раypal.com`,
  `ѕtеgоѕ`,
  `１２３４５６`,
];

/** Letters that move, hide, pile up or break what stands beside them. */
const LETTERS: readonly string[] = [
  "\u202e", // from here on backwards
  "\u202d",
  "\u202a",
  "\u202b",
  "\u202c",
  "\u2066",
  "\u2067",
  "\u2068",
  "\u2069", // ends a part that keeps its own direction
  "\u200e",
  "\u200f",
  "\u061c",
  "\u200b",
  "\u200c",
  "\u200d",
  "\u2060",
  "\ufeff",
  "\u00ad",
  "\u034f",
  "\u0000",
  "\u0008",
  "\u001b",
  "\u007f",
  "\u0085",
  "\u2028",
  "\u2029",
  "\t",
  "\n",
  "\r",
  "\r\n",
  "\u00a0",
  "\u3000",
  "\ufffd",
  "\ufffe",
  "\uffff",
  "\ue000", // as a pseudo-language marks its parameters
  "\ud800", // half of a pair
  "\udfff",
  "\u3164",
  "\u115f",
  "\u2800",
  "\u{e0041}",
  "\u{1f1e6}",
  "\u{10ffff}",
  "﷽", // one letter as wide as a line
  "𒐫",
  "꧅",
  "Ǆ",
  "ﬀ",
  "ส็็็็็็็็็็็็็็็็",
  "༺",
  "שלום",
  "مرحبا",
  "恭喜",
  "👩‍👩‍👧‍👦",
  "🏳️‍🌈",
  "🇨🇳",
  "👍🏿",
  "0️⃣",
  "a",
  "W",
  " ",
];
const MARKS = ["\u0300", "\u0316", "\u0334", "\u0489", "\u20dd", "\u0e47", "\u0f84", "\u{1d165}"] as const;
/** What a text without any place to break is made of. */
const UNBROKEN = ["W", "i", "﷽", "恭", "👩‍👩‍👧‍👦", "-", "_", ".", "/", "\u00a0", "\u2011", "ש", "0", "٣"] as const;

const repeated = (numbers: SeededNumbers, from: readonly string[], countMax: number): string =>
  Array.from({ length: numbers.between(1, countMax) }, () => numbers.pick(from)).join("");

function makeText(numbers: SeededNumbers, index: number): string {
  const attack = ATTACKS[index % ATTACKS.length]!;
  switch (numbers.between(0, 9)) {
    case 0:
      return attack;
    case 1:
      // Amid what people write.
      return `Thanks ${attack} ${numbers.pick(LETTERS)}!`;
    case 2:
      return repeated(numbers, LETTERS, 60);
    case 3:
      // A tower of marks on each letter.
      return repeated(numbers, ["Z", "ا", "福"], 4).replace(/./gu, (letter) => letter + repeated(numbers, MARKS, 90));
    case 4:
      return numbers.pick(UNBROKEN).repeat(numbers.between(50, 200));
    case 5:
      return numbers.pick(LETTERS).repeat(numbers.between(1, 140)) + attack;
    case 6:
      return `${numbers.pick(["\u202e", "\u2067", "\u2069", "\u061c"])}${attack}${numbers.pick(LETTERS)}`;
    case 7:
      // Nothing that anybody can see.
      return repeated(numbers, ["\u200b", "\u3164", "\u00ad", "\ufeff", "\u2060", " ", "\u{e0041}", "\u2800"], 30);
    case 8:
      // One word of 10,000 letters, now and then.
      return index % 20 === 8 ? numbers.pick(UNBROKEN).repeat(10_000) : attack.repeat(numbers.between(2, 9));
    default:
      return Array.from({ length: numbers.between(1, 140) }, () =>
        String.fromCodePoint(numbers.between(0, numbers.chance(0.2) ? 0x10ffff : 0xffff)),
      ).join("");
  }
}

/** Texts that strangers might send, the same for the same seed. The longest are far beyond every limit. */
export function hostileTexts(count = HOSTILE_TEXTS, seed = HOSTILE_SEED): readonly string[] {
  const numbers = new SeededNumbers(seed);
  return Array.from({ length: count }, (_, index) => makeText(numbers, index));
}

/** With U+FFFD in the place of half pairs: what is left of a text that has been bytes. */
export const wellFormed = (text: string): string => decodeUtf8(encodeUtf8(text));

/** As much of a text as UTF-8 of so many bytes holds, in whole code points: what may arrive of it. */
export function fitted(text: string, bytesMax: number): string {
  let size = 0;
  let end = 0;
  const whole = wellFormed(text);
  for (const letter of whole) {
    size += encodeUtf8(letter).length;
    if (size > bytesMax) break;
    end += letter.length;
  }
  return whole.slice(0, end);
}
