import { beforeEach, describe, expect, it, vi } from "vitest";
import type { PictureResult } from "../../../src/api/media-api.ts";
import { Drafts } from "../../../src/app/state/drafts.svelte.ts";
import { PacketDraftState } from "../../../src/app/state/packet-draft.svelte.ts";
import { PictureChoice } from "../../../src/app/state/picture-choice.svelte.ts";
import { PacketHostState } from "../../../src/app/state/packet-host.svelte.ts";
import { isPacketOver, PacketsState, packetStatus } from "../../../src/app/state/packets.svelte.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { timeMs } from "../../../src/core/values/height.ts";
import { FakeClient, LIVE } from "../../support/fake-client.ts";
import { CLAIMS, fakeLink, fakePacket, fakePacketFragment, PACKETS, PACKET_TERMS } from "../../support/fake-packets.ts";

const ID = "0a".repeat(16);
const HOUR_MS = 3_600_000;

let fake: FakeClient;
let session: Session;

beforeEach(async () => {
  fake = new FakeClient();
  fake.begin(
    { type: "sync-changed", sync: LIVE },
    { type: "balance-changed", balance: { total: amount(1_000_000_000n), usable: amount(400_000_000n) } },
  );
  session = new Session(() => ({ client: fake, close: () => undefined }));
  await session.start();
});

const called = (name: string) => fake.calls.filter((call) => call.name === name);

describe("own packets", () => {
  it("are read while somebody looks, and not after: time alone ends one", async () => {
    vi.useFakeTimers();
    try {
      const packets = new PacketsState(session, Date.now);
      const stop = packets.watch();
      const begunMs = packets.nowMs;
      await vi.advanceTimersByTimeAsync(9_000);
      expect([packets.made, packets.claims, called("made").length]).toEqual([PACKETS, CLAIMS, 3]);
      expect(packets.nowMs - begunMs).toBe(9_000);
      stop();
      await vi.advanceTimersByTimeAsync(20_000);
      expect([called("made").length, packets.nowMs - begunMs]).toEqual([3, 9_000]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("are read once more with what is told of blocks and payments, and not before anything is", () => {
    const packets = new PacketsState(session, Date.now);
    packets.heed();
    expect(called("made").length).toBe(0);
    fake.emit({ type: "history-changed", history: [] });
    packets.heed();
    expect(called("made").length).toBe(1);
  });

  it("stay on show where they cannot be read any more", async () => {
    const packets = new PacketsState(session, Date.now);
    await packets.look();
    fake.broken.add("made");
    await packets.look();
    expect([packets.made, packets.isLookFailed]).toEqual([PACKETS, true]);
    fake.broken.clear();
    await packets.look();
    expect(packets.isLookFailed).toBe(false);
  });

  it("stand as the chain says, and are over by the clock before their rest is back", () => {
    const nowMs = Date.UTC(2026, 4, 6);
    expect(PACKETS.map((view) => packetStatus(view, nowMs))).toEqual([
      "live",
      "live",
      "paying",
      "live",
      "closing",
      "ended",
      "opened",
      "expired",
      "taken-back",
      "opened",
      "failed",
    ]);
    const view = fakePacket({ id: ID, expiryMs: timeMs(nowMs) });
    expect([packetStatus(view, nowMs - 1), packetStatus(view, nowMs)]).toEqual(["live", "ended"]);
    expect([isPacketOver("ended"), isPacketOver("expired")]).toEqual([false, true]);
  });
});

describe("a new packet", () => {
  let packet: PacketDraftState;

  beforeEach(async () => {
    packet = new PacketDraftState(session, new Drafts().packet);
    packet.usualGreeting = "Best wishes";
    await packet.lookAtTerms();
  });

  function fill(change: Partial<Drafts["packet"]> = {}): void {
    Object.assign(packet.draft, { total: "88", count: "5", ...change });
  }

  it("is asked about as it stands, with the usual greeting and time where nothing else was said", async () => {
    fill();
    expect(packet.isAsking).toBe(true);
    await packet.ask();
    expect(called("proposePacket").map(({ argument }) => argument)).toEqual([
      {
        kind: "lucky",
        total: 88_000_000n,
        count: 5,
        lifeMs: 24 * HOUR_MS,
        greeting: "Best wishes",
        password: "",
        workBits: undefined,
        picture: undefined,
      },
    ]);
    expect([packet.isAsking, packet.proposal?.amount]).toEqual([false, 88_000_000n]);
    fill({ kind: "equal", expiry: "week", greeting: " Good luck ", chance: "8" });
    packet.password = "plum";
    await packet.ask();
    expect(called("proposePacket").at(-1)?.argument).toMatchObject({
      kind: "equal",
      lifeMs: 7 * 24 * HOUR_MS,
      greeting: "Good luck",
      password: "plum",
      workBits: 8,
    });
  });

  it("waits for its picture, and is asked about with it", async () => {
    let ready: (result: PictureResult) => void = () => undefined;
    const making = new Promise<PictureResult>((resolve) => (ready = resolve));
    packet = new PacketDraftState(session, packet.draft, new PictureChoice(() => making));
    fill();
    await packet.ask();
    expect(packet.proposal).toBeDefined();
    const chosen = packet.picture.choose(new Blob(["a picture"]));
    expect([packet.isPreparing, packet.isAsking, packet.proposal, packet.follow()]).toEqual([
      true,
      true,
      undefined,
      undefined,
    ]);
    expect(await packet.confirm()).toBeUndefined();
    expect([called("proposePacket").length, called("confirm").length]).toEqual([1, 0]);
    const bytes = Uint8Array.of(7);
    ready({ ok: true, bytes, mime: "image/webp", width: 1, height: 1 });
    await chosen;
    expect([packet.isPreparing, packet.isAsking]).toEqual([false, true]);
    await packet.ask();
    expect(called("proposePacket").at(-1)?.argument).toMatchObject({ picture: bytes });
    // A gift has none, so it does not wait for one.
    fill({ kind: "one" });
    expect(packet.isPreparing).toBe(false);
    packet.clear();
    expect(packet.picture.bytes).toBeUndefined();
  });

  it("for one is a gift, of which nothing but its sum is asked", async () => {
    fill({ kind: "one", count: "x", greeting: "x".repeat(500) });
    expect(packet.isWhole).toBe(true);
    await packet.ask();
    expect([called("proposeGift").length, called("proposePacket").length]).toEqual([1, 0]);
  });

  it("lives no longer than the network lets it", async () => {
    fake.answers.packetTerms = { ...PACKET_TERMS, lifeMaxMs: HOUR_MS };
    packet = new PacketDraftState(session, new Drafts().packet);
    expect(packet.lives).toEqual(["hour", "day", "week"]);
    await packet.lookAtTerms();
    fill({ expiry: "week" });
    expect([packet.lives, packet.life]).toEqual([["hour"], "hour"]);
    // Where even an hour is too long, it is as long as may be.
    fake.answers.packetTerms = { ...PACKET_TERMS, lifeMaxMs: 60_000 };
    packet = new PacketDraftState(session, packet.draft);
    await packet.lookAtTerms();
    await packet.ask();
    expect(called("proposePacket").at(-1)?.argument).toMatchObject({ lifeMs: 60_000 });
  });

  it.each([
    ["total", "", "empty"],
    ["total", "0", "amount_zero"],
    ["total", "1.2345678", "too_many_decimals"],
    ["total", "1000.1", "insufficient_funds"],
    ["total", "400.1", "funds_busy"],
    ["count", "", "empty"],
    ["count", "0", "not_whole"],
    ["count", "1.5", "not_whole"],
    ["count", "-1", "not_whole"],
    ["count", "65", "share_count"],
  ] as const)("says at its field what is wrong: %s %j, %s", async (field, text, code) => {
    fill({ [field]: text });
    expect(await packet.confirm()).toBeUndefined();
    expect([field === "total" ? packet.totalProblem : packet.countProblem, packet.isWhole]).toEqual([code, false]);
    expect(called("proposePacket")).toEqual([]);
  });

  it("counts the bytes of its greeting and its password, not their letters", () => {
    fill({ greeting: "福".repeat(34) });
    packet.password = "口".repeat(42);
    expect([packet.greetingBytesLeft, packet.isGreetingTooLong, packet.isPasswordTooLong]).toEqual([0, false, false]);
    fill({ greeting: "福".repeat(35) });
    packet.password = "口".repeat(43);
    expect([packet.isGreetingTooLong, packet.isPasswordTooLong, packet.isWhole]).toEqual([true, true, false]);
  });

  it("that is refused says so as long as it stands as it was, and is asked about once more after what passes", async () => {
    fill();
    fake.answers.proposePacket = { ok: false, code: "not_ready" };
    await packet.ask();
    expect([packet.draftProblem, packet.isAsking]).toEqual(["not_ready", false]);
    fake.answers.proposePacket = { ok: false, code: "gate_unfit" };
    // It stands there until there is another answer: nothing blinks.
    const asked = packet.askAnew();
    expect([packet.draftProblem, packet.isAsking]).toEqual(["not_ready", false]);
    await asked;
    expect(packet.draftProblem).toBe("gate_unfit");
    fake.answers.proposePacket = "ok";
    await packet.askAnew();
    expect([packet.draftProblem, packet.isAsking]).toEqual(["gate_unfit", false]);
    fill({ count: "6" });
    expect([packet.draftProblem, packet.isAsking]).toEqual([undefined, true]);
  });

  it("whose answer comes for another draft is not confirmed by it", async () => {
    fill();
    const asked = packet.ask();
    fill({ total: "99" });
    await asked;
    expect([packet.proposal, packet.isAsking]).toEqual([undefined, true]);
    expect(await packet.confirm()).toBeUndefined();
    expect(called("confirm")).toEqual([]);
  });

  it("is paid once, however often it is tapped", async () => {
    fill();
    await packet.ask();
    const taps = await Promise.all([packet.confirm(), packet.confirm(), packet.confirm()]);
    expect([taps.filter((txid) => txid !== undefined).length, called("confirm").length]).toEqual([1, 1]);
    expect(await packet.nameOf(taps[0]!)).toBe("ab".repeat(16));
    // Until the form is cleared, whatever was asked meanwhile.
    await packet.ask();
    expect([await packet.confirm(), packet.follow(), called("confirm").length]).toEqual([undefined, undefined, 1]);
    packet.clear();
    expect([packet.isConfirming, packet.proposal, packet.draft.total]).toEqual([false, undefined, ""]);
  });

  it("costs nothing any more once that is refused", async () => {
    fill();
    await packet.ask();
    fake.answers.proposePacket = { ok: false, code: "funds_busy" };
    await packet.ask();
    expect([packet.proposal, packet.totalProblem]).toEqual([undefined, "funds_busy"]);
    expect(await packet.confirm()).toBeUndefined();
    expect(called("confirm")).toEqual([]);
  });

  it("is asked about once at a time", async () => {
    fill();
    await Promise.all([packet.ask(), packet.ask()]);
    expect(called("proposePacket").length).toBe(1);
  });

  it("that could not be paid is asked about anew before it can be tapped again", async () => {
    fill();
    await packet.ask();
    fake.answers.confirm = { ok: false, code: "funds_changed" };
    expect(await packet.confirm()).toBeUndefined();
    expect([packet.confirmProblem, packet.isAsking]).toEqual(["funds_changed", true]);
    expect(await packet.confirm()).toBeUndefined();
    expect(called("confirm").length).toBe(1);
    await packet.ask();
    fake.answers.confirm = { ok: true, txid: "f1".repeat(32) };
    expect(await packet.confirm()).toBe("f1".repeat(32));
  });

  it("leaves its password in no draft", () => {
    const drafts = new Drafts();
    const mine = new PacketDraftState(session, drafts.packet);
    mine.password = "plum";
    mine.draft.total = "8";
    expect(drafts.texts["packet.total"]).toBe("8");
    expect(JSON.stringify(drafts.texts)).not.toContain("plum");
  });
});

describe("the host of a packet", () => {
  let host: PacketHostState;
  const link = `https://wallet.example/r#${fakePacketFragment()}`;

  beforeEach(() => {
    host = new PacketHostState(session, PACKETS[0]!.id, "https://wallet.example");
  });

  it("has its link, and sees what was opened while looking, and not after", async () => {
    vi.useFakeTimers();
    try {
      const stop = host.watch("packet");
      await vi.advanceTimersByTimeAsync(7_000);
      expect([host.link, host.seen]).toEqual([link, fakeLink()]);
      expect(called("lookLink").map(({ argument }) => argument)).toEqual([link, link]);
      fake.answers.lookLink = { ok: false, code: "offline" };
      await vi.advanceTimersByTimeAsync(6_000);
      expect(host.seen).toEqual(fakeLink());
      stop();
      await vi.advanceTimersByTimeAsync(20_000);
      expect(called("lookLink").length).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });

  it("of a gift asks nobody about it", async () => {
    vi.useFakeTimers();
    try {
      const stop = host.watch("gift");
      await vi.advanceTimersByTimeAsync(20_000);
      stop();
      expect([host.link, called("lookLink").length]).toEqual([link, 0]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is told where there is no link", async () => {
    fake.answers.packetFragment = undefined;
    await host.readLink();
    expect([host.link, host.isLinkFailed]).toEqual([undefined, true]);
    fake.broken.add("packetFragment");
    host = new PacketHostState(session, ID, "https://wallet.example");
    await host.readLink();
    expect(host.isLinkFailed).toBe(true);
  });

  it("takes it back after a yes, once", async () => {
    expect(await host.confirmBack()).toBe(false);
    expect(await host.reviewBack()).toBe(true);
    const taps = await Promise.all([host.confirmBack(), host.confirmBack()]);
    expect([taps, called("confirm").length]).toEqual([[true, false], 1]);
    expect(fake.answers.made[0]?.state).toBe("closing");
  });

  it("is told why it cannot be taken back", async () => {
    fake.answers.proposePacket = { ok: false, code: "packet_busy" };
    expect(await host.reviewBack()).toBe(false);
    expect([host.problem, host.proposal]).toEqual(["packet_busy", undefined]);
    fake.broken.add("proposeBack");
    expect(await host.reviewBack()).toBe(false);
    expect(host.problem).toBe("failed");
    fake.broken.clear();
    fake.answers.proposePacket = "ok";
    await host.reviewBack();
    fake.broken.add("confirm");
    expect([await host.confirmBack(), host.confirmProblem]).toEqual([false, "failed"]);
  });
});
