import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PacketCore } from "../../../../src/core/chain/packet-output.ts";
import { meetsPacketWork } from "../../../../src/core/crypto/packet-work.ts";
import { schnorrPublicKey } from "../../../../src/core/crypto/schnorr.ts";
import { hash32, hashToScalar } from "../../../../src/core/crypto/tagged-hash.ts";
import { ticketOf, ticketRoot } from "../../../../src/core/red-packet/ticket.ts";
import type { PacketState } from "../../../../src/core/state/leaf-state.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import {
  buildClaim,
  makeClaimSeat,
  type BuiltClaim,
  type ClaimPass,
  type ClaimSeat,
  type ClaimTarget,
} from "../../../../src/core/wallet/build-claim.ts";
import type { Note } from "../../../../src/core/wallet/note.ts";
import { packetTargets } from "../../../../src/core/wallet/packet-targets.ts";
import type { PacketClaim } from "../../../../src/core/wallet/packet-claim.ts";
import { decodePacketClaim, encodePacketClaim } from "../../../../src/core/wallet/packet-claim-records.ts";
import { startRestore, type RestoreBoundary } from "../../../../src/core/wallet/restore-state.ts";
import type { ScannedBlock } from "../../../../src/core/wallet/scanned-block.ts";
import { stepWallet, type WalletEffect, type WalletEvent } from "../../../../src/core/wallet/step-wallet.ts";
import type { StoredRecord } from "../../../../src/core/wallet/stored-record.ts";
import {
  diffWallet,
  isNewerRecord,
  isWalletRecord,
  restoreWallet,
} from "../../../../src/core/wallet/wallet-records.ts";
import { EMPTY_WALLET, type WalletState } from "../../../../src/core/wallet/wallet-state.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import { linkSecret, packet, packetLeaf } from "../../../support/packet-vectors.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { anyClaim, testNote } from "../../../support/wallet-values.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

const WINDOW = 60;
const START = { height: height(10), timeMs: timeMs(10_000) };
const core: PacketCore = { ...packet.core, gate: { mode: "open" }, expiry: timeMs(60_000) };
const target: ClaimTarget = { chainId: 1000, packetLeaf, core, linkSecret, guardedSecret: undefined };
const random = seededRandom("claims");

function built(of: ClaimTarget = target): BuiltClaim {
  const seat = makeClaimSeat(curve, random, payee, of);
  const { gate } = of.core;
  if (gate.mode === "ticket") throw new RangeError("no ticket here");
  const pass = gate.mode === "chance" ? workFor(of, seat, gate.powBits) : gate;
  const result = buildClaim(curve, random, payee, of, seat, pass);
  if (!result.ok) throw new Error(result.code);
  return result.claim;
}

const BLOCK_ID = hash32("test/block", new Uint8Array(1));

function workFor({ packetLeaf: leaf, core: { packetKey } }: ClaimTarget, seat: ClaimSeat, powBits: number) {
  const { oneTimeKey } = seat;
  const blockId = BLOCK_ID;
  let nonce = 0n;
  while (!meetsPacketWork({ packetLeaf: leaf, blockId, oneTimeKey, nonce }, packetKey, powBits)) nonce++;
  return { mode: "chance", refHeight: height(9), powNonce: nonce, blockId } as const;
}

const begun: WalletState = stepWallet(EMPTY_WALLET, { type: "chain-found", trusted: START })[0];
const claimBuilt = (of = target, claim = built(of)): WalletEvent => {
  return { type: "claim-built", target: of, built: claim, nowMs: timeMs(11_000) };
};
const after = (wallet: WalletState, ...events: readonly WalletEvent[]): WalletState =>
  events.reduce((state, event) => stepWallet(state, event)[0], wallet);
const claimOf = (wallet: WalletState): PacketClaim => wallet.claims.get(packetLeaf)!;
const effectsOf = (wallet: WalletState, event: WalletEvent): readonly WalletEffect[] => stepWallet(wallet, event)[1];

const FRESH: PacketState = { paidBitmap: 0n, isClosing: false, used: [], pending: [] };
const used = (key: Uint8Array, ticketKey = new Uint8Array(32)) => ({ oneTimeKey: key, ticketKey });

function seen(state: PacketState | undefined, at = 10, nowMs = 10_000): WalletEvent {
  const packetSeen = { packetLeaf, height: height(at), timeMs: timeMs(nowMs), state };
  return { type: "packet-seen", seen: packetSeen, claimRefWindow: WINDOW };
}

function block(at: number, parts: Partial<ScannedBlock> = {}): WalletEvent {
  const empty = { spent: [], firstLeaf: leafIndex(400), outputHashes: [], notes: [] };
  const scanned: ScannedBlock = { height: height(at), timeMs: timeMs(1_000 * at), ...empty, ...parts };
  return { type: "blocks-scanned", blocks: [scanned] };
}

function shareOf(claim: PacketClaim, leaf = 400): Note {
  const { ephemeralKey } = claim;
  return testNote(leaf, 77n, {
    isInternal: true,
    ephemeralKey,
    packet: { type: "share", packetLeaf, slot: 2, linkSecret },
  });
}

codecContract("claims as they are stored [RP-6]", {
  encode: encodePacketClaim,
  decode: decodePacketClaim,
  arbitrary: anyClaim,
});

describe("a claim of ours, from the tap to the share", () => {
  const made = after(begun, claimBuilt());
  const { oneTimeKey, txid } = claimOf(made);

  it("[RP-8] is stored with its bytes before it leaves, and a restart goes on with the same ones", () => {
    const event = claimBuilt();
    const [wallet, effects] = stepWallet(begun, event);
    const claim = claimOf(wallet);
    expect(effects).toEqual([{ type: "claim-stored", claim }]);
    expect(claim).toMatchObject({ state: "made", packetLeaf, linkSecret, hasPassword: false, sequence: 0 });
    const { puts } = diffWallet(begun, wallet);
    expect(puts.map(({ key }) => key)).toEqual(["wallet-counts", "claim/000000000"]);
    const before = diffWallet(undefined, begun).puts.filter(({ key }) => key !== "wallet-counts");
    const stored: readonly StoredRecord[] = [...before, ...puts];
    expect(stored.every(({ key }) => isWalletRecord(key))).toBe(true);
    const again = restoreWallet(stored);
    expect(again.ok && again.value).toEqual(wallet);
  });

  it("[RP-8] is the only one of its link: a second tap leaves the first alone", () => {
    const [wallet, effects] = stepWallet(made, claimBuilt());
    expect(wallet).toBe(made);
    expect(effects).toEqual([{ type: "claim-rejected", packetLeaf, code: "already_claimed" }]);
    for (const state of ["sent", "pending", "drawn", "empty", "expired"] as const) {
      const other = { ...made, claims: new Map([[packetLeaf, { ...claimOf(made), state }]]) };
      expect(effectsOf(other, claimBuilt()), state).toMatchObject([{ type: "claim-rejected" }]);
    }
  });

  it("goes from made to sent to pending to drawn, and drops its bytes when it is settled", () => {
    const sent = after(made, { type: "claim-sent", txid });
    expect(claimOf(sent).state).toBe("sent");
    expect(after(sent, { type: "claim-sent", txid })).toBe(sent);
    expect(after(sent, seen(FRESH))).toBe(sent);
    const pending = after(sent, seen({ ...FRESH, used: [used(oneTimeKey)] }));
    expect(claimOf(pending)).toMatchObject({ state: "pending", transaction: claimOf(made).transaction });
    const drawn = after(pending, block(11), block(12, { notes: [shareOf(claimOf(made))] }));
    expect(claimOf(drawn)).toMatchObject({
      state: "drawn",
      share: { leaf: 400, slot: 2, amount: 77n },
      settled: { height: 12, timeMs: 12_000 },
      transaction: undefined,
    });
    expect(effectsOf(after(pending, block(11)), block(12, { notes: [shareOf(claimOf(made))] }))).toContainEqual({
      type: "claim-settled",
      claim: claimOf(drawn),
    });
  });

  it("[RP-6] takes the share also where nothing was heard in between, and where it was thought lost", () => {
    const share = block(11, { notes: [shareOf(claimOf(made))] });
    expect(claimOf(after(made, share)).state).toBe("drawn");
    const lost = { ...made, claims: new Map([[packetLeaf, { ...claimOf(made), state: "empty" as const }]]) };
    expect(claimOf(after(lost, share))).toMatchObject({ state: "drawn", refusal: undefined });
  });

  it("is not settled by somebody else's share, or by another of ours", () => {
    const foreign = { ...shareOf(claimOf(made)), ephemeralKey: new Uint8Array(32) };
    const mark = { type: "share", packetLeaf: leafIndex(7), slot: 2, linkSecret } as const;
    const other = { ...shareOf(claimOf(made)), packet: mark };
    expect(claimOf(after(made, block(11, { notes: [foreign, other] }))).state).toBe("made");
  });

  it("[RP-5] is empty once others have all of it, and not before the blocks up to there are read", () => {
    const others = [1, 2, 3].map((index) => used(new Uint8Array(32).fill(index)));
    const full = { ...FRESH, used: others };
    expect(claimOf(after(made, seen(full)))).toMatchObject({ state: "empty", settled: { height: 10 } });
    expect(effectsOf(made, seen(full))).toMatchObject([{ type: "claim-settled" }]);
    expect(after(made, seen(full, 11))).toBe(made);
    expect(after(made, seen({ ...full, used: others.slice(1) }))).toBe(made);
    // Its own among them: it waits for its draw.
    expect(claimOf(after(made, seen({ ...full, used: [...others.slice(1), used(oneTimeKey)] }))).state).toBe("pending");
  });

  it("[RP-7] is over with the packet: empty before the expiry, expired from then on, or when it was closed", () => {
    expect(claimOf(after(made, block(11, { spent: [packetLeaf] }))).state).toBe("empty");
    const late = Array.from({ length: 50 }, (_, index) => block(11 + index));
    const end = after(made, ...late.slice(0, 49));
    expect(claimOf(after(end, block(60, { spent: [packetLeaf] }))).state).toBe("expired");
    expect(claimOf(after(made, seen(undefined))).state).toBe("empty");
    expect(claimOf(after(end, seen(FRESH, 59, 60_000))).state).toBe("expired");
    expect(claimOf(after(end, seen(FRESH, 59, 59_999))).state).toBe("made");
    expect(claimOf(after(made, seen({ ...FRESH, isClosing: true }))).state).toBe("expired");
  });

  it("[RP-6] gets its share from the very block that ends the packet", () => {
    const last = block(11, { notes: [shareOf(claimOf(made))], spent: [packetLeaf] });
    expect(claimOf(after(made, last)).state).toBe("drawn");
  });

  it("[RP-5] is refused when its work is too old, and another may stand in its place", () => {
    const chance = {
      ...target,
      core: { ...core, gate: { mode: "chance", powBits: 1 }, expiry: timeMs(900_000) },
    } as const;
    const wallet = after(begun, claimBuilt(chance));
    const blocks = Array.from({ length: 59 }, (_, index) => block(11 + index));
    const later = after(wallet, ...blocks);
    // Work for block 9 counts in blocks up to 69.
    expect(claimOf(after(later, seen(FRESH, 68))).state).toBe("made");
    const refused = after(later, seen(FRESH, 69));
    expect(claimOf(refused)).toMatchObject({ state: "refused", refusal: "work_stale", transaction: undefined });
    const again = after(refused, claimBuilt(chance));
    expect(claimOf(again)).toMatchObject({ state: "made", sequence: 0, refusal: undefined });
    expect(again.claims.size).toBe(1);
    expect(claimOf(again).oneTimeKey).not.toEqual(claimOf(wallet).oneTimeKey);
  });

  it("[RP-5] is refused when somebody has used its ticket", () => {
    const ticketKey = new Uint8Array(32).fill(9);
    const ticketed = { ...made, claims: new Map([[packetLeaf, { ...claimOf(made), ticketKey }]]) };
    const refused = after(ticketed, seen({ ...FRESH, used: [used(new Uint8Array(32), ticketKey)] }));
    expect(claimOf(refused)).toMatchObject({ state: "refused", refusal: "ticket_used" });
  });

  it("tells a damaged record, a missing one, and one of a newer app apart", () => {
    const [counts, put] = diffWallet(begun, made).puts;
    const head = diffWallet(undefined, begun).puts.filter(({ key }) => key !== "wallet-counts");
    const damaged = { ...put!, bytes: put!.bytes.slice(1) };
    expect(restoreWallet([...head, damaged])).toMatchObject({ ok: false, key: "claim/" });
    const second = { ...put!, bytes: encodePacketClaim({ ...claimOf(made), sequence: 1 }) };
    expect(restoreWallet([...head, second])).toMatchObject({ ok: false, reason: "claims missing" });
    expect(isNewerRecord(put!)).toBe(false);
    expect(isNewerRecord({ ...put!, bytes: put!.bytes.with(0, 2) })).toBe(true);
    // Also the last one, and all of them beside nothing else.
    expect(restoreWallet([...head, counts!])).toMatchObject({ ok: false, reason: "claims missing", key: "claim/" });
    expect(restoreWallet([...head, counts!, put!])).toMatchObject({ ok: true, value: made });
    expect(restoreWallet([put!])).toMatchObject({ ok: false, key: "wallet" });
    expect(isNewerRecord(counts!)).toBe(false);
    expect(isNewerRecord({ ...counts!, bytes: counts!.bytes.with(0, 3) })).toBe(true);
  });

  it("never leaves a settled state but for a share that was found", () => {
    const anyState = fc.constantFrom("drawn" as const, "empty" as const, "expired" as const, "refused" as const);
    fc.assert(
      fc.property(anyState, fc.boolean(), fc.nat(3), (state, isClosing, count) => {
        const wallet = { ...made, claims: new Map([[packetLeaf, { ...claimOf(made), state }]]) };
        const others = Array.from({ length: count }, (_, index) => used(new Uint8Array(32).fill(index)));
        const next = after(wallet, seen({ ...FRESH, isClosing, used: others }), seen(undefined), {
          type: "claim-sent",
          txid,
        });
        expect(after(next, block(11, { spent: [packetLeaf] })).claims).toBe(wallet.claims);
      }),
    );
  });
});

describe("a claim (9.3)", () => {
  it("[RP-5] is what its seat and its gate say, and no other link or gate makes it", () => {
    const seat = makeClaimSeat(curve, random, payee, target);
    const other = { ...target, linkSecret: linkSecret.with(0, 0) };
    expect(buildClaim(curve, random, payee, other, seat, { mode: "open" })).toEqual({
      ok: false,
      code: "wrong_password",
    });
    const guessed = { ...target, guardedSecret: new Uint8Array(16) };
    expect(buildClaim(curve, random, payee, guessed, seat, { mode: "open" })).toMatchObject({ code: "wrong_password" });
    const worked = { mode: "chance", refHeight: height(9), powNonce: 1n, blockId: BLOCK_ID } as const;
    expect(buildClaim(curve, random, payee, target, seat, worked)).toEqual({ ok: false, code: "wrong_gate" });
  });

  it("[OU-8] never has the seat of another", () => {
    const seats = Array.from({ length: 20 }, () => makeClaimSeat(curve, random, payee, target));
    expect(new Set(seats.map(({ ephemeralKey }) => ephemeralKey.join())).size).toBe(20);
    expect(new Set(seats.map(({ payloadTag }) => payloadTag.join())).size).toBe(20);
  });

  it("[OU-11] that would not find its share again is not given out", () => {
    const seat = { ...makeClaimSeat(curve, random, payee, target), anchorEnc: new Uint8Array(16) };
    expect(buildClaim(curve, random, payee, target, seat, { mode: "open" })).toEqual({
      ok: false,
      code: "check_failed",
    });
  });

  it("[RP-5] with work for another seat or block, or a ticket of another list, is not given out", () => {
    const core16 = { ...core, gate: { mode: "chance", powBits: 6 } } as const;
    const chance = { ...target, core: core16 };
    const seat = makeClaimSeat(curve, random, payee, chance);
    const work = workFor(chance, seat, 6);
    const codeOf = (of: ClaimTarget, pass: ClaimPass): string => {
      const result = buildClaim(curve, random, payee, of, seat, pass);
      return result.ok ? "ok" : result.code;
    };
    expect(codeOf(chance, work)).toBe("ok");
    expect(codeOf(chance, { ...work, blockId: hash32("test/block", new Uint8Array(2)) })).toBe("check_failed");
    const other = makeClaimSeat(curve, random, payee, chance);
    expect(codeOf(chance, workFor(chance, other, 6))).toBe("check_failed");

    const secrets = [1, 2, 3].map((rank) => hashToScalar(curve, "test/ticket", Uint8Array.of(rank)));
    const keys = secrets.map((secret) => schnorrPublicKey(curve, secret));
    const ticketed = { ...target, core: { ...core, gate: { mode: "ticket", ticketRoot: ticketRoot(keys) } } as const };
    const pass = (list: readonly Uint8Array[]) =>
      ({ mode: "ticket", ticket: ticketOf(list, 1), ticketSecret: secrets[1]! }) as const;
    expect(codeOf(ticketed, pass(keys))).toBe("ok");
    expect(codeOf(ticketed, pass(keys.slice(0, 2)))).toBe("check_failed");
  });
});

describe("claims of a wallet that is being restored", () => {
  const boundary: RestoreBoundary = { ...START, utxoRoot: hash32("test/root", new Uint8Array(1)), nextLeaf: 3_000 };
  const restored = stepWallet(
    { ...EMPTY_WALLET, restore: startRestore(undefined) },
    { type: "chain-found", trusted: START, boundary },
  )[0];
  const range = (number: number, ...hits: readonly number[]): WalletEvent => ({
    type: "restore-range-scanned",
    range: number,
    boundary,
    outputCount: 3,
    hits: hits.map(leafIndex),
  });
  const opened = (bucket: number, ...notes: readonly Note[]): WalletEvent => ({
    type: "restore-buckets-opened",
    buckets: [bucket],
    notes,
  });
  const rejection = { type: "claim-rejected", packetLeaf } as const;

  it("[RP-8] are none while a share may still be found, and none at all where one is", () => {
    const restoring = { ...rejection, code: "restoring" } as const;
    expect(effectsOf(restored, claimBuilt())).toEqual([restoring]);
    const hit = after(restored, range(2), range(1), range(0, 400));
    expect(effectsOf(hit, claimBuilt())).toEqual([restoring]);
    // Ranges below the packet have no share of it; here the packet stands in the lowest one that is left.
    const below = { ...target, packetLeaf: leafIndex(1_100) };
    const claimBelow: WalletEvent = { type: "claim-built", target: below, built: built(below), nowMs: timeMs(11_000) };
    expect(effectsOf(after(restored, range(2)), claimBelow)).toMatchObject([
      { type: "claim-rejected", code: "restoring" },
    ]);
    expect(effectsOf(after(restored, range(2), range(1)), claimBelow)).toMatchObject([{ type: "claim-stored" }]);

    const share = testNote(400, 77n, { isInternal: true, packet: { type: "share", packetLeaf, slot: 1, linkSecret } });
    const found = after(hit, opened(6, share));
    expect(found.restore).toBeUndefined();
    expect(effectsOf(found, claimBuilt())).toEqual([{ ...rejection, code: "already_claimed" }]);
    // Also once it is spent.
    const spent = after(found, block(11, { spent: [leafIndex(400)] }));
    expect(effectsOf(spent, claimBuilt())).toEqual([{ ...rejection, code: "already_claimed" }]);
    expect(effectsOf(after(hit, opened(6)), claimBuilt())).toMatchObject([{ type: "claim-stored" }]);
  });

  it("[OU-11] are none while a share behind a password waits for its packet", () => {
    const waiting = after(begun, block(11, { wanted: [{ leaf: leafIndex(400), packetLeaf }] }));
    expect(effectsOf(waiting, claimBuilt())).toEqual([{ ...rejection, code: "restoring" }]);
  });

  /** A claim was sent; then the device was away so long that the blocks with its share are gone. */
  const claimed = after(begun, claimBuilt());
  const { txid } = claimOf(claimed);
  const far: RestoreBoundary = { ...boundary, height: height(500), timeMs: timeMs(500_000), nextLeaf: 3_000 };
  const trusted = { height: far.height, timeMs: far.timeMs };
  const away = after(
    claimed,
    { type: "claim-sent", txid },
    { type: "blocks-missed", trusted, boundary: far, firstLeaf: 300 },
  );
  const read = [2, 1, 0].map((number): WalletEvent => ({ ...range(number), boundary: far }) as WalletEvent);

  it("[RP-6] say nothing of others before the ranges are read, and take their share from a bucket", () => {
    expect(away.restore).toBeDefined();
    expect(after(away, seen(undefined, 500, 500_000))).toBe(away);
    const hit = after(away, ...read.slice(0, 2), range(0, 400));
    const [next, effects] = stepWallet(hit, opened(6, shareOf(claimOf(away))));
    expect(claimOf(next)).toMatchObject({ state: "drawn", share: { leaf: 400, slot: 2, amount: 77n } });
    expect(effects).toEqual([{ type: "claim-settled", claim: claimOf(next) }]);
    expect(next.restore).toBeUndefined();
  });

  it("[RP-7] end with their packet once all is read, also where the boundary has moved meanwhile", () => {
    const ended = after(away, block(501, { spent: [packetLeaf] }));
    expect(claimOf(ended).state).toBe("sent");
    const [next, effects] = stepWallet(after(ended, ...read.slice(0, -1)), read.at(-1)!);
    expect(claimOf(next)).toMatchObject({ state: "expired", settled: { height: 501 } });
    expect(effects).toMatchObject([{ type: "claim-settled" }]);
    const newest = { ...far, height: height(502), timeMs: timeMs(502_000) };
    const moved = after(ended, block(502, { boundary: newest }), { type: "restore-moved" });
    expect(claimOf(after(moved, ...read)).state).toBe("expired");
    // A packet younger than the boundary has nothing below it.
    const young = { ...target, packetLeaf: leafIndex(3_100) };
    const late = stepWallet(away, {
      type: "claim-built",
      target: young,
      built: built(young),
      nowMs: timeMs(11_000),
    })[0];
    const gone = after(late, block(501, { spent: [leafIndex(3_100)] }));
    expect(gone.claims.get(leafIndex(3_100))!.state).toBe("expired");
  });

  it("[RP-6] are left to what is asked of the packet where it ended in the missed blocks", () => {
    const done = after(away, ...read);
    expect(claimOf(done).state).toBe("sent");
    expect(claimOf(after(done, seen(undefined, 500, 59_000))).state).toBe("empty");
  });

  it("give a scan their packets as long as a share may come, and no longer", () => {
    const known = (wallet: WalletState): boolean => packetTargets(wallet).packets.has(packetLeaf);
    expect(known(claimed)).toBe(true);
    const lost = after(claimed, block(11, { spent: [packetLeaf] }));
    expect(claimOf(lost).state).toBe("empty");
    expect(known(after(lost, block(12)))).toBe(true);
    expect(known(after(lost, block(12), block(13)))).toBe(false);
    expect(known({ ...after(lost, block(12), block(13)), restore: startRestore(undefined) })).toBe(true);
    expect(known(after(claimed, block(11, { notes: [shareOf(claimOf(claimed))] })))).toBe(false);
  });
});
