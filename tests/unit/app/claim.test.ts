import { afterEach, describe, expect, it, vi } from "vitest";
import type { ClaimView, OpenLinkCode } from "../../../src/api/packets.ts";
import { CLAIM_WAYS } from "../../../src/app/state/claim-ways.ts";
import { ClaimState, type ClaimWindow } from "../../../src/app/state/claim.svelte.ts";
import { claimTexts as en } from "../../../src/app/i18n/en/claim.ts";
import { claimTexts as zh } from "../../../src/app/i18n/zh/claim.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { FAKE_CLAIM_ID, FakeClaims, fakeOpened } from "../../support/fake-claims.ts";
import { fakeLink, fakePacketFragment } from "../../support/fake-packets.ts";
import { runs } from "../../support/run-counts.ts";
import { FakeClient, fakeRow, LIVE } from "../../support/fake-client.ts";

/** Of fake packets. */
const GREETING = "恭喜发财，大吉大利";
/** Of a link, by whoever looks at it before a person does; in a real browser in tests/e2e/packet.test.ts. */
const LOADS = runs(200, 10_000);
const FRAGMENT = fakePacketFragment();
const TAP = { isTrusted: true };
const NO_WALLET = { exists: false, wordsSeen: false };

/** A tab at the claim page. */
class FakeTab {
  state: unknown = null;
  readonly replaced: string[] = [];
  readonly window: ClaimWindow;

  constructor(fragment: string, state: unknown = null) {
    this.state = state;
    const hash = fragment === "" ? "" : `#${fragment}`;
    const history = {
      replaceState: (kept: unknown, _title: string, url: string) => {
        this.state = kept;
        this.replaced.push(url);
      },
    };
    Object.defineProperty(history, "state", { get: () => this.state });
    const location = { origin: "https://wallet.example", pathname: "/r", search: "?lang=zh", hash };
    this.window = { location, history } as unknown as ClaimWindow;
  }
}

function arrived(fragment = FRAGMENT, state: unknown = null, wallet = NO_WALLET) {
  const fake = new FakeClient(wallet);
  const claims = new FakeClaims(fake);
  const tab = new FakeTab(fragment, state);
  let connections = 0;
  const session = new Session(() => {
    connections++;
    return { client: fake, close: () => undefined };
  });
  const claim = new ClaimState(tab.window, session);
  const names = (): readonly string[] => fake.calls.map(({ name }) => name);
  return { fake, claims, tab, session, claim, names, connections: () => connections };
}

/** The same, with the link handed to the client. */
async function tapped(...where: Parameters<typeof arrived>) {
  const visit = arrived(...where);
  const done = visit.claim.open(TAP);
  await vi.waitFor(() => expect(visit.claims.opened.length).toBe(1));
  return { ...visit, done };
}

/** What the client says of the claim from now on. */
async function told({ claim, claims }: { claim: ClaimState; claims: FakeClaims }, view: Partial<ClaimView>) {
  claims.claims = [fakeOpened(view)];
  claim.heed();
  await vi.waitFor(() => expect(claim.claim).toEqual(claims.claims[0]));
}

const OPEN = { state: "drawing", amount: undefined, rank: undefined } as const;

afterEach(() => vi.useRealTimers());

describe("the claim page", () => {
  it("[RP-9] starts no client and asks nobody anything before a tap, however often it is loaded", () => {
    for (let load = 0; load < LOADS; load++) {
      const { claim, tab, names, connections } = arrived();
      expect(claim.sight).toEqual({ type: "sealed" });
      void claim.resume();
      claim.heed();
      expect([connections(), names(), tab.replaced]).toEqual([0, [], []]);
    }
  });

  it("takes no tap from a script: scanners of links press what they find", async () => {
    const { claim, connections } = arrived();
    await claim.open({ isTrusted: false });
    expect([claim.sight.type, connections()]).toEqual(["sealed", 0]);
  });

  it("makes a wallet, stores it and only then hands the link to the client", async () => {
    const { claims, names, done } = await tapped();
    expect(names()).toEqual(["open", "subscribe", "create"]);
    expect(claims.opened).toEqual([{ link: FRAGMENT, password: "" }]);
    claims.store(fakeOpened());
    await done;
  });

  it("uses the wallet that is here, and opens a packet once however often it is tapped", async () => {
    const { claim, claims, names, done } = await tapped(FRAGMENT, null, { exists: true, wordsSeen: true });
    await claim.open(TAP);
    expect(names()).not.toContain("create");
    expect(claims.opened.length).toBe(1);
    claims.store(fakeOpened());
    await done;
  });

  it("leaves the link in the address until the claim is stored, and then nowhere in it", async () => {
    const { claims, tab, done, claim } = await tapped();
    expect(tab.replaced).toEqual([]);
    claims.store(fakeOpened(OPEN));
    await done;
    expect(tab.replaced).toEqual(["https://wallet.example/r?lang=zh"]);
    expect(tab.state).toEqual({ packet: FAKE_CLAIM_ID });
    expect(JSON.stringify(tab.state)).not.toContain(FRAGMENT);
    expect(claim.sight).toEqual({ type: "opening", step: "settling" });
  });

  it("says what is being done, and shows the greeting as soon as it is known", async () => {
    const { claim, claims, done } = await tapped();
    const shows = async (step: string) => vi.waitFor(() => expect(claim.sight).toEqual({ type: "opening", step }));
    claims.opening = { step: "looking", done: 0, link: undefined };
    await shows("finding");
    claims.opening = { step: "trying", done: 0.5, link: fakeLink({ gate: "chance" }) };
    await shows("trying");
    expect(claim.greeting).toBe(GREETING);
    claims.opening = { step: "signing", done: 1, link: fakeLink() };
    await shows("claiming");
    claims.store(fakeOpened({ ...OPEN, greeting: undefined }));
    await done;
    await shows("settling");
    expect(claim.greeting).toBe(GREETING);
  });

  it("asks for the picture that goes with it once, by the link after the tap, or by the claim", async () => {
    const { claim, claims, fake, names, done } = await tapped();
    const asked = () => fake.calls.filter(({ name }) => name === "packetPicture").map(({ argument }) => argument);
    claims.opening = { step: "signing", done: 1, link: fakeLink() };
    await vi.waitFor(() => expect(claim.seen).toBeDefined());
    expect([claim.picture, names()]).toEqual([undefined, expect.not.arrayContaining(["packetPicture"])]);
    claims.opening = { step: "signing", done: 1, link: fakeLink({ hasPicture: true }) };
    await vi.waitFor(() => expect(asked()).toEqual([FRAGMENT]));
    claims.store(fakeOpened({ hasPicture: true }));
    await done;
    await vi.waitFor(() => expect(claim.picture?.isGone).toBe(true));
    expect(asked()).toEqual([FRAGMENT]);

    const again = arrived("", { packet: FAKE_CLAIM_ID }, { exists: true, wordsSeen: true });
    again.claims.claims = [fakeOpened({ hasPicture: true })];
    await again.claim.resume();
    await vi.waitFor(() => expect(again.claim.picture?.isGone).toBe(true));
    expect(again.fake.calls.at(-1)).toEqual({ name: "packetPicture", argument: FAKE_CLAIM_ID });
  });

  it.each([
    [{ state: "won" }, { type: "won", amount: 8_880_000n, rank: 3, count: 20 }],
    [
      { ...OPEN, state: "empty" },
      { type: "problem", problem: "gone" },
    ],
    [
      { ...OPEN, state: "expired" },
      { type: "problem", problem: "expired" },
    ],
    [
      { ...OPEN, state: "refused" },
      { type: "problem", problem: "refused" },
    ],
  ] as const)("follows the claim to its end: %j", async (end, sight) => {
    const visit = await tapped();
    visit.claims.store(fakeOpened(OPEN));
    await visit.done;
    await told(visit, end);
    expect(visit.claim.sight).toEqual(sight);
  });

  it("follows a gift through the history, where it stands under the id of its payment", async () => {
    const { claim, claims, fake, done } = await tapped(fakePacketFragment({ kind: "gift" }));
    const id = "ab".repeat(32);
    claims.answer({ ok: true, id });
    await done;
    const row = fakeRow({ id, direction: "in", amount: amount(5n) });
    const tells = async (state: "sent" | "final") => {
      fake.emit({ type: "history-changed", history: [{ ...row, state }] });
      claim.heed();
      await Promise.resolve();
      await Promise.resolve();
    };
    await tells("sent");
    expect(claim.sight.type).toBe("opening");
    await tells("final");
    await vi.waitFor(() => expect(claim.sight).toEqual({ type: "won", amount: 5n, rank: undefined, count: 1 }));
  });

  it("calls a gift gone where somebody else has taken it, and lapsed where its time ran out: it may lie there still", async () => {
    const { claim, claims, fake, done } = await tapped(fakePacketFragment({ kind: "gift" }));
    const id = "ab".repeat(32);
    claims.answer({ ok: true, id });
    await done;
    const row = fakeRow({ id, direction: "in", state: "failed" });
    for (const [failure, problem] of [
      ["conflict", "gone"],
      ["expired", "refused"],
    ] as const) {
      fake.emit({ type: "history-changed", history: [{ ...row, failure }] });
      claim.heed();
      await vi.waitFor(() => expect(claim.sight).toEqual({ type: "problem", problem }));
    }
    const again = claim.open(TAP);
    await vi.waitFor(() => expect(claims.opened.length).toBe(2));
    claims.answer({ ok: true, id: "cd".repeat(32) });
    await again;
    expect(claim.sight.type).toBe("opening");
  });

  it("offers no second try, and no copy of the link, where the link is gone with a reload", async () => {
    const { claim, claims } = arrived("", { packet: FAKE_CLAIM_ID }, { exists: true, wordsSeen: true });
    claims.claims = [fakeOpened({ ...OPEN, state: "refused" })];
    await claim.resume();
    expect([claim.sight, claim.canRetry]).toEqual([{ type: "problem", problem: "refused" }, false]);
    expect(claim.address).toBeUndefined();
    await claim.open(TAP);
    expect(claims.opened).toEqual([]);
    expect(arrived().claim.address).toBe(`https://wallet.example/r?lang=zh#${FRAGMENT}`);
  });

  it("goes on after a reload with the claim that the history names, without a tap and without the link", async () => {
    const { claim, claims } = arrived("", { packet: FAKE_CLAIM_ID }, { exists: true, wordsSeen: true });
    claims.claims = [fakeOpened()];
    await claim.resume();
    expect(claim.sight.type).toBe("won");
    expect(claims.opened).toEqual([]);
  });

  it.each([null, "packet:1", { packet: 1 }, { depth: 1 }, []])("believes no history entry such as %j", (state) => {
    expect(arrived("", state).claim.sight).toEqual({ type: "problem", problem: "no_link" });
  });

  it("makes no wallet for a claim that the history names where the wallet is gone", async () => {
    const { claim, names } = arrived("", { packet: FAKE_CLAIM_ID });
    await claim.resume();
    expect(claim.sight).toEqual({ type: "problem", problem: "no_link" });
    expect(names()).not.toContain("create");
  });

  it("shows what this wallet had opened before, and says so", async () => {
    const { claim, claims, tab, done } = await tapped();
    claims.claims = [fakeOpened()];
    claims.answer({ ok: false, code: "already_opened", id: FAKE_CLAIM_ID });
    await done;
    expect([claim.sight.type, claim.isAgain, tab.replaced.length]).toEqual(["won", true, 1]);
  });

  it.each(["AAAA", `${FRAGMENT.slice(0, -1)}_`, "A".repeat(300), "content"])("says what is wrong with #%s", (text) => {
    const { claim } = arrived(text);
    expect(claim.sight.type).toBe("problem");
    expect(claim.link).toBeUndefined();
  });

  it("asks for the password that the link names before anything is started", async () => {
    const { claim, claims, connections } = arrived(fakePacketFragment({ hasPassword: true }));
    await claim.open(TAP);
    expect([claim.isPasswordMissing, claim.sight.type, connections()]).toEqual([true, "sealed", 0]);
    claim.password = "plum";
    const done = claim.open(TAP);
    await vi.waitFor(() => expect(claims.opened[0]?.password).toBe("plum"));
    claims.answer({ ok: false, code: "wrong_password" });
    await done;
    expect(claim.sight).toEqual({ type: "problem", problem: "wrong_password" });
    expect(claim.password).toBe("plum");
  });

  it.each(["not_this_time", "offline", "not_ready", "failed", "gone"] satisfies readonly OpenLinkCode[])(
    "keeps the link in the address after %s, and may be tapped again",
    async (code) => {
      const { claim, claims, tab, done } = await tapped();
      claims.answer({ ok: false, code });
      await done;
      expect(claim.sight).toEqual({ type: "problem", problem: code });
      expect([tab.replaced, claim.canRetry]).toEqual([[], true]);
      const again = claim.open(TAP);
      await vi.waitFor(() => expect(claims.opened.length).toBe(2));
      claims.store(fakeOpened());
      await again;
      expect(claim.sight.type).toBe("won");
    },
  );

  it("without a connection goes on by itself once there is one, and asks nobody again and again", async () => {
    const { claim, claims, fake, done, connections } = await tapped();
    claims.answer({ ok: false, code: "offline" });
    await done;
    const tells = (state: "offline" | "live") => {
      fake.emit({ type: "sync-changed", sync: { ...LIVE, state } });
      claim.heed();
    };
    tells("offline");
    expect([claim.sight, claims.opened.length]).toEqual([{ type: "problem", problem: "offline" }, 1]);
    tells("live");
    await vi.waitFor(() => expect(claims.opened.length).toBe(2));
    claims.answer({ ok: false, code: "offline" });
    await vi.waitFor(() => expect(claim.sight.type).toBe("problem"));
    tells("live");
    expect(claims.opened.length).toBe(2);
    expect(connections()).toBe(1);
    tells("offline");
    // A client that has not come through may not be able to load what it needs any more.
    claim.goOnline();
    await vi.waitFor(() => expect(claims.opened.length).toBe(3));
    expect(connections()).toBe(2);
    claims.store(fakeOpened());
    await vi.waitFor(() => expect(claim.sight.type).toBe("won"));
  });

  it("opens a packet anew whose claim has lapsed, as long as the page knows the link", async () => {
    const { claim, claims, done } = await tapped();
    claims.store(fakeOpened({ ...OPEN, state: "refused" }));
    await done;
    expect([claim.sight, claim.canRetry]).toEqual([{ type: "problem", problem: "refused" }, true]);
    const again = claim.open(TAP);
    await vi.waitFor(() => expect(claims.opened.length).toBe(2));
    claims.store(fakeOpened());
    await again;
    expect(claim.sight.type).toBe("won");
  });

  it.each(["storage_denied", "storage_full", "open_elsewhere", "no_crypto"] as const)(
    "stops with %s before the link goes anywhere",
    async (code) => {
      const { claim, claims, fake } = arrived();
      fake.answers.create = { ok: false, code };
      await claim.open(TAP);
      expect(claim.sight).toEqual({ type: "problem", problem: code });
      expect(claims.opened).toEqual([]);
    },
  );

  it("waits for whoever unlocks the wallet, and then opens the packet by itself", async () => {
    const { claim, claims, fake, session } = arrived(FRAGMENT, null, { exists: true, wordsSeen: true });
    const lock = { hasPin: true, passkeys: [], waitMs: 0, refused: undefined };
    fake.answers.open = { ok: false, code: "locked", lock };
    await claim.open(TAP);
    expect(claim.sight).toEqual({ type: "locked" });
    fake.answers.open = { ok: true, wallet: { exists: true, wordsSeen: true } };
    await session.unlock({ type: "pin", pin: "123456" });
    claim.heed();
    await vi.waitFor(() => expect(claims.opened.length).toBe(1));
  });

  it("loses to another tab, and goes on with the same claim when it is asked to", async () => {
    const { claim, claims, fake, done } = await tapped(FRAGMENT, null, { exists: true, wordsSeen: true });
    claims.store(fakeOpened(OPEN));
    await done;
    fake.emit({ type: "engine-stopped", code: "moved_to_other_tab" });
    expect(claim.sight).toEqual({ type: "problem", problem: "moved_to_other_tab" });
    claims.claims = [fakeOpened()];
    await claim.open(TAP);
    expect(claim.sight.type).toBe("won");
    // Nothing was asked for twice.
    expect(claims.opened.length).toBe(1);
  });

  it("keeps what was won in sight when the client goes on elsewhere", async () => {
    const { claim, claims, fake, done } = await tapped();
    claims.store(fakeOpened());
    await done;
    fake.emit({ type: "engine-stopped", code: "moved_to_other_tab" });
    expect(claim.sight.type).toBe("won");
  });

  it("says that a client which died did not work, and what a stopped one says of itself", async () => {
    const { claim, fake, done, claims } = await tapped();
    fake.emit({ type: "engine-stopped", code: "storage_failed" });
    await done;
    expect(claim.sight).toEqual({ type: "problem", problem: "storage_failed" });
    expect(claims.opened.length).toBe(1);
  });

  it("says that it takes longer than usual from five seconds on", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { claim } = arrived();
    void claim.open(TAP);
    await vi.advanceTimersByTimeAsync(4_900);
    expect(claim.isSlow).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(claim.isSlow).toBe(true);
  });

  it("has words for every problem that has a way on, and no others", () => {
    for (const texts of [en, zh])
      expect(Object.keys(texts.claim.problems).sort()).toEqual(Object.keys(CLAIM_WAYS).sort());
  });
});
