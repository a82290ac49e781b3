import type { Page } from "playwright-core";
import type { Harness } from "../../app/harness.ts";
import { answer, hook, showSync } from "../app-visitor.ts";
import { fakeLink, PACKETS } from "../fake-packets.ts";
import { gifFile } from "../media-files.ts";
import type { NextState, ScreenState } from "./screen-state.ts";

declare const harness: Harness;

const [LIVE_PACKET, LIVE_GIFT] = PACKETS as readonly [(typeof PACKETS)[number], (typeof PACKETS)[number]];

async function draftPacket(page: Page): Promise<void> {
  await hook(page, "packet-total").fill("88");
  await hook(page, "packet-count").fill("5");
  await hook(page, "packet-fee").waitFor();
}

const mistaken = (name: string, hookId: string, text: string): NextState => ({
  name: `new packet, ${name}`,
  then: async (page) => {
    await hook(page, hookId).fill(text);
    await page.locator(`[data-testid="${hookId}"][aria-invalid="true"]`).waitFor();
  },
});

/** A file was chosen to go with it. */
const pictured = (name: string, buffer: Buffer, state: string): NextState => ({
  name: `new packet, ${name}`,
  then: async (page) => {
    await hook(page, "packet-picture-file").setInputFiles({ name: "a file", mimeType: "image/gif", buffer });
    await page.locator(`[data-testid="packet-picture"][data-state="${state}"]`).waitFor();
  },
});

const standing = (page: Page, state: string): Promise<void> =>
  page.locator(`[data-testid="packet-status"][data-state="${state}"]`).waitFor();

/** A packet of one's own in a state in which it has no link. */
const packet = (state: string, id: string): ScreenState => ({
  name: `packet, ${state}`,
  path: `/packets/${id}`,
  scene: "full",
  then: (page) => standing(page, state),
});

/** The Packets tab, a new packet, and the screens of those that were made. */
export const PACKET_STATES: readonly ScreenState[] = [
  {
    name: "packets",
    path: "/packets",
    scene: "full",
    then: (page) => hook(page, "claim-row").first().waitFor(),
    isPictured: true,
    next: [
      {
        name: "packets, offline",
        then: (page) =>
          showSync(page, { state: "offline", problem: "no_node_reachable" }).then(() =>
            hook(page, "packets-offline").waitFor(),
          ),
      },
      {
        name: "packets, one that was opened",
        then: async (page) => {
          await page.locator('[data-testid="claim-row"][data-state="won"]').first().click();
          await hook(page, "packet-verify").waitFor();
        },
      },
      {
        name: "packets, how one was shared out",
        then: async (page) => {
          await hook(page, "packet-verify").click();
          await hook(page, "packet-tick").first().waitFor();
        },
      },
    ],
  },
  { name: "packets, none", path: "/packets", scene: "empty", then: (page) => hook(page, "packets-none").waitFor() },
  {
    name: "packets, not read",
    path: "/pay",
    scene: "full",
    then: async (page) => {
      await page.evaluate(() => {
        harness.fake.broken.add("made");
        harness.app.router.openTab("packets");
      });
      await hook(page, "packets-failed").waitFor();
    },
  },
  {
    name: "new packet",
    path: "/packets/new",
    scene: "full",
    then: draftPacket,
    isPictured: true,
    next: [
      {
        name: "new packet, to try one's luck",
        then: async (page) => {
          await hook(page, "packet-chance").check();
          await hook(page, "packet-odds").waitFor();
          await hook(page, "packet-fee").waitFor();
        },
      },
      pictured("with a picture", Buffer.from(gifFile(40, 30)), "chosen"),
      pictured("with one that moves", Buffer.from(gifFile(40, 30, [200, 200])), "chosen"),
      pictured("with no picture", Buffer.from("no picture"), "unknown_type"),
      mistaken("not enough", "packet-total", "2000"),
      mistaken("change not back yet", "packet-total", "900"),
      mistaken("too many", "packet-count", "65"),
      mistaken("too long a greeting", "packet-greeting", "x".repeat(103)),
      mistaken("too long a password", "packet-password", "x".repeat(129)),
    ],
  },
  {
    name: "new packet, unfinished",
    path: "/packets/new",
    scene: "full",
    then: (page) => hook(page, "packet-create").click(),
  },
  {
    name: "new packet, for one",
    path: "/packets/new",
    scene: "full",
    then: async (page) => {
      await hook(page, "packet-kind").locator('input[value="one"]').check();
      await hook(page, "packet-total").fill("8.88");
      await hook(page, "packet-fee").waitFor();
    },
    next: [
      {
        name: "new packet, not certain",
        then: async (page) => {
          await answer(page, { confirm: { ok: false, code: "funds_changed" } });
          await hook(page, "packet-create").click();
          await page
            .getByRole("alert")
            .filter({ has: page.locator(".notice") })
            .waitFor();
        },
      },
    ],
  },
  {
    name: "packet, live",
    path: `/packets/${LIVE_PACKET.id}`,
    scene: "full",
    then: (page) => page.locator('[data-testid="packet-status"][data-opened="2"]').waitFor(),
    isPictured: true,
    next: [
      {
        name: "packet, how it was shared out",
        then: async (page) => {
          await hook(page, "packet-verify").click();
          await hook(page, "packet-tick").first().waitFor();
        },
      },
      {
        name: "packet, before it is taken back",
        then: async (page) => {
          await hook(page, "packet-back").click();
          await hook(page, "packet-confirm").waitFor();
        },
      },
    ],
  },
  {
    name: "packet, live and for one",
    path: `/packets/${LIVE_GIFT.id}`,
    scene: "full",
    then: (page) => hook(page, "packet-link").waitFor(),
  },
  {
    name: "packet, not to be taken back",
    path: `/packets/${LIVE_PACKET.id}`,
    scene: "full",
    then: async (page) => {
      await answer(page, {
        proposePacket: { ok: false, code: "packet_busy" },
        lookLink: { ok: true, link: fakeLink({ gate: "chance", odds: 0.2216 }) },
      });
      await hook(page, "packet-back").click();
      await page
        .getByRole("alert")
        .filter({ has: page.locator(".notice") })
        .waitFor();
    },
  },
  ...(
    [
      ["paying", 2],
      ["closing", 4],
      ["ended", 5],
      ["opened", 6],
      ["expired", 7],
      ["taken-back", 8],
      ["failed", 10],
    ] as const
  ).map(([state, place]) => packet(state, PACKETS[place]!.id)),
  {
    name: "packet, of another device",
    path: `/packets/${"00".repeat(16)}`,
    scene: "full",
    then: (page) => hook(page, "packet-gone").waitFor(),
  },
];
