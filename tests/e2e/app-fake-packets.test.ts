import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { amount } from "../../src/core/values/amount.ts";
import type { Harness } from "../app/harness.ts";
import { answer, type AppVisitor, DESK, hook, PHONE, withVisitor } from "../support/app-visitor.ts";
import type { PacketDraft } from "../../src/api/packets.ts";
import { gifFile } from "../support/media-files.ts";
import { fakeLink, fakePacketFragment, PACKETS } from "../support/fake-packets.ts";

declare const harness: Harness;

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

const countCalls = (page: Page, name: string): Promise<number> =>
  page.evaluate((wanted) => harness.fake.calls.filter((call) => call.name === wanted).length, name);
const pathOf = (page: Page): string => new URL(page.url()).pathname;
const standing = (page: Page, state: string) => page.locator(`[data-testid="packet-status"][data-state="${state}"]`);

async function fill(page: Page): Promise<void> {
  await hook(page, "packet-total").fill("88");
  await hook(page, "packet-count").fill("5");
  await hook(page, "packet-greeting").fill("Good luck");
}

/** What the client says of the packet that was just made. */
async function becomes(page: Page, change: object): Promise<void> {
  await page.evaluate((given) => {
    const [newest, ...others] = harness.fake.answers.made;
    harness.fake.answers.made = [{ ...newest!, ...given }, ...others];
    // As with every block that changes the wallet.
    harness.fake.emit({ type: "history-changed", history: [] });
  }, change);
}

describe("a new packet", () => {
  it("is made by one tap after its cost stands there, and leads to its link", async () => {
    const page = await visitor.open("/packets");
    await hook(page, "packet-new").click();
    await fill(page);
    await hook(page, "packet-create").click();
    await standing(page, "paying").waitFor();
    expect(pathOf(page)).toBe(`/packets/${"ab".repeat(16)}`);
    expect(await countCalls(page, "confirm")).toBe(1);
    await becomes(page, { state: "live" });
    await hook(page, "packet-link").waitFor();
    const link = `${new URL(page.url()).origin}/r#${fakePacketFragment()}`;
    expect(await hook(page, "packet-link").getAttribute("data-link")).toBe(link);
    // Nothing that opens it stands in the address.
    expect(page.url()).not.toContain("#");
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: en.packets.title }).waitFor();
    await hook(page, "packet-new").click();
    expect(await hook(page, "packet-total").inputValue()).toBe("");
  });

  it("is not made by a key in a field, nor twice by two quick taps", async () => {
    const page = await visitor.open("/packets/new");
    await fill(page);
    await hook(page, "packet-fee").waitFor();
    await hook(page, "packet-greeting").press("Enter");
    await hook(page, "packet-total").press("Enter");
    expect(await countCalls(page, "confirm")).toBe(0);
    await hook(page, "packet-create").dblclick();
    await standing(page, "paying").waitFor();
    expect(await countCalls(page, "confirm")).toBe(1);
  });

  it("[RP-10] takes a picture made anew, shows it, and goes without it where somebody leaves it out", async () => {
    const page = await visitor.open("/packets/new");
    await fill(page);
    const file = gifFile(40, 30);
    await hook(page, "packet-picture-file").setInputFiles({
      name: "a.gif",
      mimeType: "image/gif",
      buffer: Buffer.from(file),
    });
    const seen = hook(page, "packet-picture-seen");
    await seen.waitFor();
    const image = seen.locator("img");
    await image.waitFor();
    expect(await image.evaluate((each: HTMLImageElement) => [each.naturalWidth, each.naturalHeight])).toEqual([40, 30]);
    const asked = () =>
      page.evaluate(() => {
        const drafts = harness.fake.calls.flatMap(({ name, argument }) => (name === "proposePacket" ? [argument] : []));
        return [...((drafts.at(-1) as PacketDraft).picture ?? [])];
      });
    await expect.poll(asked).not.toEqual([]);
    expect(await asked()).not.toEqual([...file]);
    await hook(page, "packet-picture-remove").click();
    await seen.waitFor({ state: "detached" });
    await expect.poll(asked).toEqual([]);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("data-testid"))).toBe(
      "packet-picture-choose",
    );
  });

  it("waits as it was while somebody is elsewhere, but for its password", async () => {
    const page = await visitor.open("/packets/new");
    await fill(page);
    await hook(page, "packet-password").fill("plum");
    await page.evaluate(() => harness.app.router.openTab("me"));
    await page.getByRole("heading", { level: 1, name: en.me.title }).waitFor();
    await page.evaluate(() => harness.app.router.openTab("packets"));
    await hook(page, "packet-fee").waitFor();
    expect(await hook(page, "packet-greeting").inputValue()).toBe("Good luck");
    expect(await hook(page, "packet-password").inputValue()).toBe("");
  });

  it("that may have been made although nobody heard so leads to the history, not to a second one", async () => {
    const page = await visitor.open("/packets/new");
    await fill(page);
    await page.evaluate(() => harness.fake.broken.add("confirm"));
    await hook(page, "packet-create").click();
    await page.getByText(en.review.problems.failed).waitFor();
    expect(await hook(page, "packet-create").count()).toBe(0);
    await page.getByRole("button", { name: en.review.openHistory }).click();
    expect(pathOf(page)).toBe("/pay/history");
    await page.evaluate(() => harness.app.router.go("/packets/new"));
    expect(await hook(page, "packet-total").inputValue()).toBe("");
  });

  it("that is changed while its cost is being asked is asked about as it stands then", async () => {
    const page = await visitor.open("/packets/new");
    await page.evaluate((ms) => {
      const packets = harness.fake.packets as { propose: (typeof harness.fake.packets)["propose"] };
      const { propose } = packets;
      packets.propose = async (draft) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return propose(draft);
      };
    }, 1_500);
    await hook(page, "packet-total").fill("88");
    await hook(page, "packet-count").fill("5");
    // The first question is under way by then, and takes longer than whoever types.
    await page.waitForTimeout(700);
    await hook(page, "packet-greeting").fill("Good luck");
    await hook(page, "packet-fee").waitFor();
    await hook(page, "packet-create").click();
    await standing(page, "paying").waitFor();
  });

  it("is the same one for whoever leaves while it is being made and comes back", async () => {
    const page = await visitor.open("/packets/new");
    await fill(page);
    await page.evaluate((ms) => {
      const payments = harness.fake.payments as { confirm: (typeof harness.fake.payments)["confirm"] };
      const { confirm } = payments;
      payments.confirm = async (id) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return confirm(id);
      };
    }, 1_500);
    await hook(page, "packet-create").click();
    await page.evaluate(() => harness.app.router.openTab("me"));
    await page.getByRole("heading", { level: 1, name: en.me.title }).waitFor();
    await page.evaluate(() => harness.app.router.openTab("packets"));
    // It says that it is busy, which keeps no finger away.
    await hook(page, "packet-create").click({ force: true });
    await standing(page, "paying").waitFor();
    expect(await countCalls(page, "confirm")).toBe(1);
  });

  it("that lacks something says so at its first field", async () => {
    const page = await visitor.open("/packets/new");
    await hook(page, "packet-create").click();
    await page.waitForFunction(() => document.activeElement?.id === "packet-total");
    expect(await countCalls(page, "confirm")).toBe(0);
  });
});

describe("the host's screen", () => {
  const [packet] = PACKETS as readonly [(typeof PACKETS)[number]];

  it("shows what was opened, and after it is taken back what came back", async () => {
    const page = await visitor.open(`/packets/${packet.id}`);
    await page.getByText(en.packet.openedOf("2", "5")).waitFor();
    await hook(page, "packet-back").click();
    await hook(page, "packet-confirm").click();
    await standing(page, "closing").waitFor();
    expect(await hook(page, "packet-link").count()).toBe(0);
    await becomes(page, { state: "over", end: "taken-back", back: amount(52_830_000n) });
    await standing(page, "taken-back").waitFor();
    expect(await hook(page, "packet-back-sum").getAttribute("data-amount")).toBe("52830000");
  });

  it("shows how luck has gone: the luckiest share in words, all of them on demand", async () => {
    const page = await visitor.open(`/packets/${packet.id}`);
    const board = hook(page, "packet-board");
    await board.waitFor();
    expect(await board.getAttribute("data-luckiest")).toBe("36200000");
    expect(await board.getAttribute("data-drawn")).toBe("2");
    expect(await hook(page, "packet-luckiest").textContent()).toBe(en.packet.board.inside);
    await board.getByText(en.packet.board.all).click();
    const shares = hook(page, "packet-board-share");
    await shares.nth(4).waitFor();
    expect(await shares.count()).toBe(5);
    expect(await shares.nth(0).textContent()).toContain(en.packet.board.inside);
    expect(await shares.nth(1).textContent()).toContain(en.packets.claims.won);
    // Its last share is drawn: to a node it is gone a moment before the blocks here say so.
    const looks = await countCalls(page, "lookLink");
    await answer(page, { lookLink: { ok: true, link: fakeLink({ state: "gone", shares: undefined }) } });
    await expect.poll(() => countCalls(page, "lookLink"), { timeout: 20_000 }).toBeGreaterThan(looks);
    expect(await shares.count()).toBe(5);
    await becomes(page, { state: "over", end: "opened" });
    await page.locator(`[data-testid="packet-board"][data-drawn="5"]`).waitFor();
  });

  it("says nothing of luck where all shares are equal, and where nobody knows which of them were opened", async () => {
    const page = await visitor.open("/packets");
    await answer(page, { packetShares: [amount(1n), amount(1n), amount(1n)] });
    await page.evaluate((id) => harness.app.router.go(`/packets/${id}`), packet.id);
    await page.getByText(en.packet.openedOf("2", "5")).waitFor();
    expect(await hook(page, "packet-board").count()).toBe(0);
    await answer(page, { packetShares: [amount(1n), amount(2n), amount(1n)] });
    await page.evaluate((id) => harness.app.router.go(`/packets/${id}`), PACKETS[7]!.id);
    await standing(page, "expired").waitFor();
    // Of both packets.
    await expect.poll(() => countCalls(page, "packetShares")).toBe(2);
    expect(await hook(page, "packet-board").count()).toBe(0);
  });

  it("saves a poster with the code of the link", async () => {
    const page = await visitor.open(`/packets/${packet.id}`);
    await hook(page, "packet-link").waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), hook(page, "packet-poster").click()]);
    expect(download.suggestedFilename()).toBe("red-packet.png");
  });

  it("stands beside the list where there is room, and changes with the row that is chosen", async () => {
    const page = await visitor.open("/packets", "full", { ...PHONE, viewport: DESK.viewport });
    const row = page.locator(`[data-testid="packet-row"][data-state="live"]`);
    await row.nth(0).click();
    await standing(page, "live").waitFor();
    expect(pathOf(page)).toBe(`/packets/${PACKETS[0]!.id}`);
    await page.locator(`[data-testid="packet-row"][data-state="expired"]`).click();
    await standing(page, "expired").waitFor();
    await page.goBack();
    await standing(page, "live").waitFor();
    expect(await page.getByRole("main").count()).toBe(1);
  });

  it("of a packet that this device does not have leads to those it has", async () => {
    const page = await visitor.open(`/packets/${packet.id}`);
    await answer(page, { made: [] });
    await page.evaluate(() => harness.fake.emit({ type: "history-changed", history: [] }));
    await hook(page, "packet-gone").waitFor();
    await page.getByRole("button", { name: en.packet.gone.action }).click();
    await hook(page, "packets-none").waitFor();
  });
});
