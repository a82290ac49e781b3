import fc from "fast-check";
import { parse } from "svelte/compiler";
import { describe, expect, it } from "vitest";
import { claimTexts as enClaim } from "../../../src/app/i18n/en/claim.ts";
import { landingTexts as enLanding } from "../../../src/app/i18n/en/landing.ts";
import { en } from "../../../src/app/i18n/en.ts";
import { Formats } from "../../../src/app/i18n/formats.ts";
import { chooseLanguage, forcedLanguage } from "../../../src/app/i18n/language-codes.ts";
import { loadTexts } from "../../../src/app/i18n/languages.ts";
import { claimTexts as zhClaim } from "../../../src/app/i18n/zh/claim.ts";
import { landingTexts as zhLanding } from "../../../src/app/i18n/zh/landing.ts";
import { zh } from "../../../src/app/i18n/zh.ts";
import { amount, AMOUNT_LIMIT, formatAmount } from "../../../src/core/values/amount.ts";
import { listFiles, readText } from "../../architecture/source-files.ts";

type Leaf = string | ((...parameters: string[]) => string);

function leaves(texts: object, path = ""): readonly (readonly [string, Leaf])[] {
  return Object.entries(texts).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null
      ? leaves(value, `${path}${key}.`)
      : [[`${path}${key}`, value as Leaf] as const],
  );
}

const english = leaves({ ...en, ...enClaim, landing: enLanding });
const chinese = new Map(leaves({ ...zh, ...zhClaim, landing: zhLanding }));
const textOf = (leaf: Leaf): string => (typeof leaf === "string" ? leaf : leaf("«1»", "«2»"));

/** Texts about keeping a wallet safe. */
const FORMAL = ["safety", "wordsCheck", "lock", "pin", "kit", "passkey"];

describe("texts", () => {
  it("have the same keys in every language, and no empty one", () => {
    expect([...chinese.keys()].sort()).toEqual(english.map(([key]) => key).sort());
    expect([...english, ...chinese].filter(([, leaf]) => textOf(leaf).trim() === "")).toEqual([]);
  });

  it("use every parameter in every language", () => {
    const parametersOf = (leaf: Leaf | undefined) => [...textOf(leaf ?? "").matchAll(/«\d»/g)].map(String).sort();
    for (const [key, leaf] of english) {
      expect([key, parametersOf(chinese.get(key))]).toEqual([key, parametersOf(leaf)]);
    }
  });

  it("are Chinese where they should be, with full-width punctuation", () => {
    const SAME = new Set(["app.name", "app.unit", "app.amount", "landing.name", "landing.app.title"]);
    for (const key of ["app", "unit", "amount", "otherLanguage"]) SAME.add(`claim.${key}`);
    SAME.add("drawCheck.amount");
    const isName = (key: string): boolean => SAME.has(key) || key.startsWith("settings.nodes.transports.");
    for (const [key, leaf] of chinese) {
      if (isName(key)) continue;
      expect(textOf(leaf), key).toMatch(/[\u4e00-\u9fff]/);
      expect(textOf(leaf), key).not.toMatch(/[\u4e00-\u9fff][,.!?:;]/);
    }
  });

  it("keep to our words", () => {
    const FORBIDDEN = /\b(gas|utxo|mempool|nonce|epoch|sync(ing)?|seed|oops|mnemonic|passphrase)\b/i;
    expect(english.filter(([, leaf]) => FORBIDDEN.test(textOf(leaf)))).toEqual([]);
    expect([...chinese].filter(([, leaf]) => textOf(leaf).includes("同步"))).toEqual([]);
  });

  it("that say what brings coins back name all three ways, not the words alone", () => {
    /** About words that are looked at, compared or checked just then. */
    const OF_WORDS = /^(words|wordsCheck|safety\.levels\.3|kit|passkey|pin\.forget)\b/;
    const saysSo = ([path, leaf]: readonly [string, Leaf]): boolean =>
      !OF_WORDS.test(path) &&
      /\bwords\b|助记词|个词/.test(textOf(leaf)) &&
      /\b(restor\w*|bring\w*|brought|gone|erase\w*|removed?)\b|找回|恢复|抹掉|删除/i.test(textOf(leaf));
    const told = new Set([...english, ...chinese].filter(saysSo).map(([path]) => path));
    expect([...told]).toContain("stopped.discard.text");
    const WAYS = /file\b.*\bpasskey|passkey\b.*\bfile|备份文件.*通行密钥|通行密钥.*备份文件/s;
    for (const [path, leaf] of [...english, ...chinese].filter(([path]) => told.has(path)))
      expect(textOf(leaf), path).toMatch(WAYS);
    // What must be ticked is true of each of them.
    for (const texts of [en, zh])
      for (const tick of [texts.stopped.discard.understood, texts.erase.understood, texts.lock.forgotten.understood])
        expect(tick).not.toMatch(/word|词/);
  });

  it("speak to everybody alike: 您 where safety is at stake, 你 elsewhere", () => {
    const isFormal = (path: string): boolean => FORMAL.includes(path.split(".")[0] ?? "");
    expect([...chinese].filter(([path, leaf]) => textOf(leaf).includes(isFormal(path) ? "你" : "您"))).toEqual([]);
  });

  it("blame nobody, and are loud for one thing alone: something was won", () => {
    expect(english.filter(([, leaf]) => textOf(leaf).includes("!")).map(([key]) => key)).toEqual(["claim.won"]);
  });
});

describe("the language", () => {
  it("is the forced one, else the chosen, else the browser's first that we have", () => {
    expect(chooseLanguage(forcedLanguage("?lang=zh"), "en", ["en"])).toBe("zh");
    expect(chooseLanguage(forcedLanguage("?lang=xx"), "zh", ["en"])).toBe("zh");
    expect(chooseLanguage(null, null, ["de-AT", "zh-TW", "en"])).toBe("zh");
    expect(chooseLanguage(null, "xx", ["de"])).toBe("en");
  });

  it("loads its texts", async () => {
    expect(await loadTexts("zh")).toBe(zh);
    expect(await loadTexts("en")).toBe(en);
  });
});

describe("formats", () => {
  it.each(["en", "zh"] as const)("write amounts in %s as Intl does", (code) => {
    const locale = { en: "en", zh: "zh-CN" }[code];
    const reference = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
    const formats = new Formats(code);
    const anyAmount = fc.bigInt({ min: 0n, max: AMOUNT_LIMIT - 1n }).map(amount);
    fc.assert(
      fc.property(
        fc.oneof(
          anyAmount,
          fc.nat().map((micro) => amount(BigInt(micro))),
        ),
        (value) => {
          expect(formats.amount(value)).toBe(reference.format(formatAmount(value) as `${number}`));
        },
      ),
    );
  });

  it("write amounts exactly, however large", () => {
    const formats = new Formats("en");
    expect(formats.amount(amount(0n))).toBe("0");
    expect(formats.amount(amount(1n))).toBe("0.000001");
    expect(formats.amount(amount(1_234_560_000n))).toBe("1,234.56");
    expect(formats.amount(amount((1n << 53n) - 1n))).toBe("9,007,199,254.740991");
  });

  it("write spans in the largest unit that fits", () => {
    const [en, zh] = [new Formats("en"), new Formats("zh")];
    const day = 86_400_000;
    expect([14 * day, day, 6 * 3_600_000, 5 * 60_000, 90_000, 1_000, 0].map((ms) => en.duration(ms))).toEqual([
      "14 days",
      "1 day",
      "6 hours",
      "5 minutes",
      "1.5 minutes",
      "1 second",
      "0 seconds",
    ]);
    expect(zh.duration(14 * day)).toBe("14天");
  });

  it("name the days that have names", () => {
    const formats = new Formats("en");
    const noon = new Date(2026, 4, 4, 12).getTime();
    expect(formats.day(noon - 3_600_000, noon)).toEqual({ type: "today" });
    expect(formats.day(noon - 86_400_000, noon)).toEqual({ type: "yesterday" });
    expect(formats.day(noon - 2 * 86_400_000, noon)).toEqual({ type: "named", text: "May 2, 2026" });
  });

  it("name the day before by the calendar, also where clocks were put forward", () => {
    const zone = process.env["TZ"];
    process.env["TZ"] = "Europe/Berlin";
    try {
      const formats = new Formats("en");
      // The 29th of March had 23 hours there.
      const afterMidnight = Date.parse("2026-03-29T22:30:00Z");
      expect(formats.day(Date.parse("2026-03-29T10:00:00Z"), afterMidnight)).toEqual({ type: "yesterday" });
      expect(formats.day(Date.parse("2026-03-28T22:45:00Z"), afterMidnight).type).toBe("named");
    } finally {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    }
  });
});

describe("markup", () => {
  const SPOKEN = new Set(["aria-label", "title", "placeholder", "alt", "label"]);
  /** Every text that a person would read and that is written in the markup itself. */
  function rawStrings(node: unknown, found: string[] = []): string[] {
    if (Array.isArray(node)) for (const child of node) rawStrings(child, found);
    else if (typeof node === "object" && node !== null) {
      const { type, name, data, value } = node as { type?: string; name?: string; data?: string; value?: unknown };
      if (type === "Text" && /\p{L}/u.test(data ?? "")) found.push(data ?? "");
      if (type === "Attribute") {
        if (SPOKEN.has(name ?? "")) rawStrings(value, found);
        return found;
      }
      for (const [key, child] of Object.entries(node))
        if (key !== "css" && key !== "instance") rawStrings(child, found);
    }
    return found;
  }

  const rawStringsOf = (source: string) => rawStrings(parse(source, { modern: true }).fragment);

  it("would be caught with a text of its own", () => {
    expect(rawStringsOf("<p>Hello {name}</p>")).toEqual(["Hello "]);
    expect(rawStringsOf('{#if a}<button aria-label="Close" class="x">{t.b} · 1</button>{/if}')).toEqual(["Close"]);
  });

  const components = listFiles("src/app/**/*.svelte");

  it.each(components)("%s holds no text of its own, no style attribute and no raw HTML", (path) => {
    const source = readText(path);
    expect(rawStringsOf(source)).toEqual([]);
    expect(source).not.toMatch(/\{@html|\sstyle=/);
  });
});
