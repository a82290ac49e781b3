import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { MEMO_BYTES_MAX } from "../../src/api/limits.ts";
import { amount } from "../../src/core/values/amount.ts";
import { REQUEST_TEXT_BYTES_MAX } from "../../src/core/values/payment-request.ts";
import { NETWORK_OPERATOR_LENGTH_MAX } from "../../src/engine/services/network-file.ts";
import type { Harness } from "../app/harness.ts";
import { answer, type AppVisitor, hook, PHONE, showHistory, withVisitor } from "../support/app-visitor.ts";
import { fakeRow, NETWORK } from "../support/fake-client.ts";
import { fakeClaim, PACKET_TERMS } from "../support/fake-packets.ts";
import { fakeAsked, fakeFragment, fakeRequest } from "../support/fake-requests.ts";
import { fitted, HOSTILE_REPLAY, HOSTILE_TEXTS, hostileTexts, wellFormed } from "../support/hostile-texts.ts";
import { type FindHarm, HostileWatch } from "../support/hostile-watch.ts";

declare const harness: Harness;
declare const findHarm: FindHarm;

/** Rows that the history shows at once. */
const ROWS = 100;
/** So high that every row is drawn, and as wide as a phone. */
const WHOLE = { ...PHONE, viewport: { width: 360, height: 9_000 } };
const NARROW = { ...PHONE, viewport: { width: 320, height: 2_000 } };

let visitor: AppVisitor;
let watch: HostileWatch | undefined;
withVisitor((arrived) => (visitor = arrived));

async function open(path: string, scene = "full", way = NARROW): Promise<Page> {
  const page = await visitor.open(path, scene, way);
  watch ??= new HostileWatch(page);
  await watch.begin();
  return page;
}

const harm = async (): Promise<readonly string[]> => watch!.harm();

const rowsOf = (memos: readonly string[]) =>
  memos.map((memo, index) =>
    fakeRow({ id: `leaf:${index}`, direction: "in", amount: amount(12_345_678_901_234n), memo, to: undefined }),
  );

describe(`${HOSTILE_TEXTS} hostile texts, ${HOSTILE_REPLAY}`, () => {
  const texts = hostileTexts();
  const memos = texts.map((text) => fitted(text, MEMO_BYTES_MAX));
  const every = (step: number): readonly string[] => texts.filter((_, index) => index % step === 0);

  it("as notes in the history: each row shows its own, and stands as every other row", async () => {
    const page = await open("/pay/history", "full", WHOLE);
    for (let first = 0; first < memos.length; first += ROWS) {
      const shown = memos.slice(first, first + ROWS);
      await showHistory(page, ...rowsOf(shown));
      const rows = await page.evaluate(async () => {
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        return [...document.querySelectorAll('[data-testid="history-row"]')].map((row, index) => {
          const part = (name: string): DOMRect => row.querySelector(name)!.getBoundingClientRect();
          return {
            theirs: row.querySelector("bdi")?.textContent,
            ours: row.querySelector("span.title")?.textContent,
            memo: harness.app.session.history?.[index]?.memo,
            sum: row.querySelector(".sum")!.textContent.trim(),
            // A text that turned its row would change these.
            place: [part(".sum").right, part(".what").left, part(".note").left, part(".mark").left].join(),
            isHigh: row.getBoundingClientRect().height > 120,
          };
        });
      });
      expect(rows).toHaveLength(shown.length);
      // A note in which nobody would see anything is none.
      const wrong = rows.filter(({ theirs, ours, memo, isHigh }) => isHigh || (theirs !== memo && ours !== "Received"));
      expect([first, ...wrong]).toEqual([first]);
      expect([first, new Set(rows.map(({ place }) => place)).size, new Set(rows.map(({ sum }) => sum)).size]).toEqual([
        first,
        1,
        1,
      ]);
      expect([first, ...(await harm())]).toEqual([first]);
    }
  });

  it("as the note of a payment that is looked at", async () => {
    const page = await open("/pay/history");
    await showHistory(page, ...rowsOf(["tea"]));
    await hook(page, "history-row").getByRole("button").click();
    await page.locator("dialog[open] bdi").waitFor();
    const shown = every(10).map((text) => fitted(text, MEMO_BYTES_MAX));
    const harmed = await page.evaluate(async (all) => {
      const found: unknown[] = [];
      const row = harness.app.session.history![0]!;
      for (const memo of all) {
        harness.fake.emit({ type: "history-changed", history: [{ ...row, memo }] });
        await new Promise((resolve) => setTimeout(resolve));
        const text = document.querySelector("dialog bdi")?.textContent;
        const harm = findHarm();
        if (harm.length > 0 || (text !== undefined && text !== memo)) found.push([memo, text, ...harm]);
      }
      return found;
    }, shown);
    expect([...harmed, ...(await harm())]).toEqual([]);
  });

  it("as note and number of a request, of others and of one's own", async () => {
    const page = await open(`/p#${fakeFragment()}`);
    await page.locator('[data-testid="asked"][data-state="ready"]').waitFor();
    const notes = every(10).map((text) => fitted(text, REQUEST_TEXT_BYTES_MAX));
    const harmed = await page.evaluate(
      async ({ all, link, request }) => {
        const found: unknown[] = [];
        for (const [index, note] of all.entries()) {
          harness.fake.answers.readRequest = { ok: true, request: { ...request, note, reference: note } };
          // What follows the request is nobody's, so it is the same one once more.
          harness.app.asked.take(`${link} ${index}`);
          await new Promise((resolve) => setTimeout(resolve));
          const texts = [...document.querySelectorAll('[data-testid="asked-note"] bdi')].map((bdi) => bdi.textContent);
          const harm = findHarm();
          if (harm.length > 0 || texts.some((text) => text !== note)) found.push([note, texts, ...harm]);
        }
        return found;
      },
      { all: notes, link: `/p#${fakeFragment()}`, request: fakeAsked() },
    );
    expect([...harmed, ...(await harm())]).toEqual([]);

    const requests = notes.map((note, index) => fakeRequest({ id: String(index).padStart(32, "0"), note }));
    await answer(page, { requests });
    await page.evaluate(() => harness.app.router.go("/pay/receive"));
    await hook(page, "request-row")
      .nth(requests.length - 1)
      .waitFor();
    expect(await harm()).toEqual([]);
  });

  it("as greetings of packets that were opened", async () => {
    const page = await open("/pay");
    const greetings = every(10).map((text) => fitted(text, PACKET_TERMS.greetingBytesMax));
    const claims = greetings.map((greeting, index) => fakeClaim({ id: `packet:${index}`, greeting }));
    await answer(page, { claims });
    await page.evaluate(() => harness.app.router.go("/packets"));
    await hook(page, "claim-row")
      .nth(claims.length - 1)
      .waitFor();
    expect(await harm()).toEqual([]);
  });

  it("as names and addresses of nodes", async () => {
    const page = await open("/me");
    const nodes = every(10).map((text, index) => ({
      ...NETWORK.nodes[index % NETWORK.nodes.length]!,
      operator: text.slice(0, NETWORK_OPERATOR_LENGTH_MAX),
      address: index % 2 === 0 ? text.slice(0, 512) : `/dns4/${text.slice(0, 99)}/tcp/1/ws`,
    }));
    await answer(page, { network: { ...NETWORK, nodes } });
    await page.evaluate(() => harness.app.router.go("/me/settings"));
    await hook(page, "node")
      .nth(nodes.length - 1)
      .waitFor();
    expect(await harm()).toEqual([]);
  });

  it("as what a code or the clipboard holds", async () => {
    const page = await open("/scan");
    await hook(page, "scan-paste").waitFor();
    const harmed = await page.evaluate(async (all) => {
      const found: unknown[] = [];
      let held = "";
      Object.assign(navigator.clipboard, { readText: () => Promise.resolve(held) });
      for (const text of all) {
        held = text;
        if (harness.app.router.route !== "/scan") harness.app.router.replace("/scan");
        const button = (): HTMLElement | null => document.querySelector('[data-testid="scan-paste"]');
        // What was a link of ours has led elsewhere, and back is a moment away.
        do await new Promise((resolve) => setTimeout(resolve));
        while (button() === null);
        button()!.click();
        await new Promise((resolve) => setTimeout(resolve));
        const harm = findHarm();
        if (harm.length > 0) found.push([text, ...harm]);
      }
      return found;
    }, every(10));
    expect([...harmed, ...(await harm())]).toEqual([]);
  });

  /** Puts each text into a field as if it was pasted, leaves the field, and lets the page draw it. */
  async function typeAll(page: Page, field: string, typed: readonly string[]): Promise<void> {
    const control = hook(page, field);
    await control.waitFor();
    const harmed = await control.evaluate(async (element, all) => {
      const found: unknown[] = [];
      for (const text of all) {
        (element as HTMLInputElement | HTMLTextAreaElement).value = text;
        element.dispatchEvent(new Event("input", { bubbles: true }));
        element.dispatchEvent(new Event("blur"));
        await new Promise((resolve) => setTimeout(resolve));
        const harm = findHarm();
        if (harm.length > 0) found.push([text, ...harm]);
      }
      return found;
    }, typed);
    expect([field, ...harmed, ...(await harm())]).toEqual([field]);
  }

  it("typed or pasted into every field", async () => {
    const some = every(100);
    const send = await open("/pay/send");
    for (const field of ["pay-amount", "pay-note", "pay-to"]) await typeAll(send, field, some);
    for (const [path, before, fields] of [
      ["/pay/receive", "request-new", ["request-amount", "request-note", "request-reference"]],
      ["/packets/new", undefined, ["packet-total", "packet-count", "packet-greeting", "packet-password"]],
      ["/explore", undefined, ["search-text"]],
      ["/explore/stake", "stake-open", ["stake-key", "stake-acceptance", "stake-amount"]],
      ["/c", undefined, ["check-text"]],
      ["/me/settings", "checkpoint-enter", ["checkpoint-text"]],
    ] as const) {
      const page = await open(path);
      if (before !== undefined) await hook(page, before).click();
      for (const field of fields) await typeAll(page, field, some);
    }
    const restore = await open("/restore", "new");
    await hook(restore, "restore-file").click();
    for (const field of ["restore-phrase", "kit-code-entry"]) await typeAll(restore, field, some);
    for (const name of some.slice(0, 10)) {
      await hook(restore, "kit-file").setInputFiles({ name, mimeType: "image/png", buffer: Buffer.from([0]) });
      expect([name, ...(await harm())]).toEqual([name]);
    }
  });

  it("behind the # of a link", async () => {
    for (const path of ["/p", "/c", "/x", "/pay"]) {
      const page = await open(path);
      const harmed = await page.evaluate(async (all) => {
        const found: unknown[] = [];
        for (const text of all) {
          location.hash = text;
          await new Promise((resolve) => setTimeout(resolve));
          const harm = findHarm();
          if (harm.length > 0) found.push([text, ...harm]);
        }
        return found;
      }, every(50).map(wellFormed));
      expect([path, ...harmed, ...(await harm())]).toEqual([path]);
    }
    // As the first page of a visit, also as the path and the language.
    for (const text of every(1_000)) {
      const mark = encodeURIComponent(wellFormed(text.slice(0, 200))).replaceAll(".", "%2E");
      for (const path of [`/p#${mark}`, `/${mark}?lang=${mark}`]) {
        await open(path, "new");
        expect([text, ...(await harm())]).toEqual([text]);
      }
    }
  });
});
