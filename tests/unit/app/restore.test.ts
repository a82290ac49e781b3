import { describe, expect, it } from "vitest";
import { checkPhrase, cleanPhrase, replaceWord } from "../../../src/app/state/phrase-check.ts";
import { RestoreForm } from "../../../src/app/state/restore-form.svelte.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import { formatRecoveryWords } from "../../../src/core/values/recovery-words.ts";
import { FakeClient } from "../../support/fake-client.ts";

const WORDS = formatRecoveryWords(new Uint8Array(32).fill(7));
const SWAPPED = WORDS.split(" ")
  .map((word, index, words) => (index === 0 ? words[1] : index === 1 ? words[0] : word))
  .join(" ");

describe("typed recovery words", () => {
  it("are read from whatever people paste", () => {
    const numbered = WORDS.split(" ")
      .map((word, index) => `${index + 1}. ${word.toUpperCase()}`)
      .join("\n");
    expect(cleanPhrase(numbered)).toBe(WORDS);
    expect(cleanPhrase("ａｂａｎｄｏｎ，ability")).toBe("abandon ability");
    expect(checkPhrase(numbered, true).problem).toBeUndefined();
  });

  it("are never blamed while they may still become right, letter by letter", () => {
    for (let size = 0; size <= WORDS.length; size++) {
      expect([size, checkPhrase(WORDS.slice(0, size), false).problem]).toEqual([size, undefined]);
    }
  });

  it("name the wrong one by its number as soon as it fits no word, with words that begin alike", () => {
    const check = checkPhrase("abandon abilty able", false);
    expect([check.problem, check.wrong]).toEqual(["unknown_word", { number: 2, word: "abilty", alike: ["ability"] }]);
    expect(replaceWord("abandon abilty able", check, "ability")).toBe("abandon ability able ");
    expect(checkPhrase("abandon xq", false).wrong).toEqual({ number: 2, word: "xq", alike: [] });
  });

  it("are completed at the end", () => {
    const check = checkPhrase("abandon abs", false);
    expect(check.endings).toEqual(["absent", "absorb", "abstract", "absurd"]);
    expect(replaceWord("abandon abs", check, "absurd")).toBe("abandon absurd ");
    expect(checkPhrase("abandon absurd ", false).endings).toEqual([]);
  });

  it("say what is missing only once they are finished", () => {
    expect(checkPhrase("", true).problem).toBe("empty");
    expect(checkPhrase("abandon", false).problem).toBeUndefined();
    expect(checkPhrase("abandon", true).problem).toBe("too_few");
    expect(checkPhrase(`${WORDS} abandon `, false).problem).toBe("too_many");
  });

  it("are held against their checksum", () => {
    expect(checkPhrase(SWAPPED, true).problem).toBe("bad_checksum");
    expect(checkPhrase(`${SWAPPED} `, false).problem).toBe("bad_checksum");
  });
});

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 4, 20);

async function openForm() {
  const fake = new FakeClient({ exists: false, wordsSeen: false });
  const session = new Session(() => ({ client: fake, close: () => undefined }));
  await session.start();
  return { fake, session, form: new RestoreForm(session, () => NOW) };
}

describe("the restore form", () => {
  it("passes on clean words, and a week before the day that was named", async () => {
    const { fake, session, form } = await openForm();
    form.birthday = "2026-05-10";
    expect(await form.submit(`  ${WORDS.toUpperCase()} `)).toBe(true);
    expect(fake.calls.at(-1)).toEqual({
      name: "restore",
      argument: { words: WORDS, birthdayMs: Date.UTC(2026, 4, 10) - 7 * DAY_MS },
    });
    expect(session.wallet?.exists).toBe(true);
  });

  it("names no day when none was given, and none before there was time", async () => {
    const { fake, form } = await openForm();
    await form.submit(WORDS);
    expect(fake.calls.at(-1)?.argument).toEqual({ words: WORDS });
    form.birthday = "1970-01-02";
    await form.submit(WORDS);
    expect(fake.calls.at(-1)?.argument).toEqual({ words: WORDS, birthdayMs: 0 });
  });

  it("asks the client nothing about words or days that cannot be right", async () => {
    const { fake, form } = await openForm();
    const before = fake.calls.length;
    expect(await form.submit(SWAPPED)).toBe(false);
    form.birthday = "2026-05-22";
    expect([form.isBirthdayAhead, await form.submit(WORDS)]).toEqual([true, false]);
    expect(fake.calls.length).toBe(before);
  });

  it("has the client get ready once all words are there and right, and not before", async () => {
    const { fake, form } = await openForm();
    const before = fake.calls.length;
    for (const text of [WORDS.slice(0, -4), SWAPPED, `${WORDS} abandon`]) form.look(text, true);
    expect(fake.calls.length).toBe(before);
    form.look(WORDS, false);
    expect(fake.calls.slice(before).map(({ name }) => name)).toEqual(["prepareRestore"]);
  });

  it("keeps the words out of its state", async () => {
    const { form } = await openForm();
    form.look(WORDS, false);
    expect(JSON.stringify(form.check)).not.toContain(WORDS.split(" ")[5]);
  });

  it("tells a refusal from a stop", async () => {
    const { fake, session, form } = await openForm();
    fake.answers.restore = { ok: false, code: "words_invalid" };
    expect([await form.submit(WORDS), form.isRefused]).toEqual([false, true]);
    fake.answers.restore = { ok: false, code: "storage_full" };
    expect([await form.submit(WORDS), session.problem]).toEqual([false, "storage_full"]);
  });
});

it("a restore that ends leaves its last counts, an erased one nothing", async () => {
  const { fake, session } = await openForm();
  const view = {
    rangesDone: 2,
    rangesTotal: 4,
    outputsChecked: 412_000,
    coinsFound: 3,
    isWaiting: false,
    problem: undefined,
  };
  fake.emit({ type: "restore-changed", restore: view });
  expect([session.restore, session.restored]).toEqual([view, undefined]);
  fake.emit({ type: "restore-changed", restore: undefined });
  expect([session.restore, session.restored]).toEqual([undefined, view]);
  await session.erase(() => Promise.resolve());
  expect(session.restored).toBeUndefined();
});
