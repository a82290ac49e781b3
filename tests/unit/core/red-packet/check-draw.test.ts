import { describe, expect, it } from "vitest";
import type { Claim } from "../../../../src/core/chain/claim.ts";
import type { PacketCore } from "../../../../src/core/chain/packet-output.ts";
import { checkDraw, type DrawCheck, type DrawEvidence } from "../../../../src/core/red-packet/check-draw.ts";
import type { SplitPlan } from "../../../../src/core/red-packet/split-packet.ts";
import type { PacketState } from "../../../../src/core/state/leaf-state.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { drawBytes, DrawWorld } from "../../../support/draw-world.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { independentFaults } from "../../../support/independent-draw-check.ts";
import { runs } from "../../../support/run-counts.ts";
import { curve } from "../../../support/wallet-vectors.ts";

/** What the other checker leaves out: the proof, BLS, the block's transactions, and the state after. */
const LEFT_OUT: readonly DrawCheck[] = ["shares_in_range", "beacon_signed", "claims_included", "state_after"];

const report = (evidence: DrawEvidence) => checkDraw(curve, fakeBls, evidence);

function faults(evidence: DrawEvidence): readonly DrawCheck[] {
  return report(evidence).checks.flatMap(({ check, held }) => (held === false ? [check] : []));
}

function unknown(evidence: DrawEvidence): readonly DrawCheck[] {
  return report(evidence).checks.flatMap(({ check, held }) => (held === undefined ? [check] : []));
}

/** Both checkers on one draw: the faults, where they agree. */
function agreed(evidence: DrawEvidence): readonly DrawCheck[] {
  const found = faults(evidence);
  const comparable = found.filter((check) => !LEFT_OUT.includes(check));
  expect([...independentFaults(drawBytes(evidence))].sort()).toEqual(comparable.sort());
  return found;
}

const LUCKY: SplitPlan = { split: "lucky", total: amount(9_000_000n), count: 5, minimum: amount(10_000n) };

function world(label: string, change: Partial<DrawWorld["options"]> = {}): DrawWorld {
  return new DrawWorld({ label, plan: LUCKY, paidBitmap: 0b00010n, claims: [2, 1], ...change });
}

/** Plans and loads of every kind, by turns. */
function worldOf(index: number): DrawWorld {
  const count = 1 + (index % 7);
  const total = amount(BigInt(1_000_000 + 977 * index));
  const plans: readonly SplitPlan[] = [
    { split: "lucky", total, count, minimum: amount(BigInt(1 + (index % 90_000))) },
    { split: "equal", total, count },
    { split: "custom", amounts: Array.from({ length: count }, (_, slot) => amount(BigInt(1 + slot * index))) },
  ];
  const paidBitmap = BigInt(index) & ((1n << BigInt(count - 1)) - 1n);
  const left = count - paidBitmap.toString(2).replaceAll("0", "").length;
  const taken = 1 + (index % left);
  return world(`draw ${index}`, { plan: plans[index % 3]!, paidBitmap, claims: [taken, Math.min(1, left - taken)] });
}

describe("the check of a draw (9.6)", () => {
  it("[RP-3] [RP-6] finds nothing wrong with an honest one, proof and all", () => {
    const evidence = world("honest", { isProven: true }).evidence();
    expect(agreed(evidence)).toEqual([]);
    expect(unknown(evidence)).toEqual([]);
    expect(report(evidence).total).toBe(9_000_000n);
    expect(evidence.drawn).toHaveLength(2);
  });

  it("[RP-6] agrees with a checker of other code over many packets", () => {
    for (let index = 0; index < runs(120, 2_000); index++) {
      // Without their proofs, which are checked elsewhere.
      expect(agreed(worldOf(index).evidence()), `packet ${index}`).toEqual(["shares_in_range"]);
    }
  });

  const base = world("bent").evidence();
  const [taking, middle, drawing] = base.headers;
  const claimChanged = (): DrawEvidence => {
    const { state, proof } = base.before;
    const [first, ...others] = state!.pending;
    const claim = { ...first!.claim, payloadTag: new Uint8Array(16) };
    return { ...base, before: { state: { ...state!, pending: [{ ...first!, claim }, ...others] }, proof } };
  };

  it.each<[string, DrawEvidence, readonly DrawCheck[]]>([
    [
      "a coin in another slot",
      { ...base, drawn: [hash(new Uint8Array(32).fill(7)), base.drawn[1]!] },
      ["slots_as_drawn"],
    ],
    ["coins in another order", { ...base, drawn: [...base.drawn].reverse() }, ["slots_as_drawn"]],
    ["a coin left out", { ...base, drawn: base.drawn.slice(1) }, ["slots_as_drawn"]],
    ["a packet of another height", { ...base, packetHeight: height(71) }, ["packet_included", "state_after"]],
    [
      "another beacon",
      { ...base, headers: [taking, middle, { ...drawing, beacon: hash(new Uint8Array(32)) }] },
      ["beacon_follows", "slots_as_drawn", "state_after"],
    ],
    ["a beacon signed by another", { ...base, proposerKey: fakeBls.publicKey(new Uint8Array(32)) }, ["beacon_signed"]],
    [
      "headers that are not in a row",
      { ...base, headers: [taking, { ...middle, height: height(92) }, drawing] },
      ["packet_included"],
    ],
    ["transactions without the claims", { ...base, transactionIds: [] }, ["claims_included"]],
    [
      "transactions that are not those of the block",
      { ...base, transactionIds: [...base.transactionIds!, hash(new Uint8Array(32))] },
      ["claims_included"],
    ],
    [
      "a packet that is said to be gone",
      { ...base, after: { state: undefined, proof: base.after.proof } },
      ["state_after"],
    ],
    [
      "a claim that nobody signed",
      claimChanged(),
      ["packet_included", "claims_included", "claims_authorised", "slots_as_drawn", "state_after"],
    ],
  ])("[RP-6] notices %s", (_, evidence, expected) => {
    const found = agreed(evidence).filter((check) => check !== "shares_in_range");
    expect(found.filter((check) => check !== "state_after")).toEqual(
      expected.filter((check) => check !== "state_after"),
    );
    if (expected.includes("state_after")) expect(found).toContain("state_after");
  });

  it("[RP-3] notices a creator who split by hand and called it luck", () => {
    const moved = (shares: readonly bigint[]) => [shares[0]! + 1n, shares[1]! - 1n, ...shares.slice(2)];
    expect(agreed(world("moved", { change: moved }).evidence())).toEqual(["shares_in_range", "split_as_promised"]);
    const sorted = (shares: readonly bigint[]) => [...shares].sort((one, other) => (one < other ? -1 : 1));
    expect(agreed(world("sorted", { change: sorted }).evidence())).toContain("split_as_promised");
  });

  it("[RP-2] notices shares that do not open, and says no total then", () => {
    const { packet } = base;
    const shares = packet.core.shares.map((share, slot) =>
      slot === 3 ? { ...share, amountEnc: new Uint8Array(8) } : share,
    );
    const bent = { ...base, packet: { ...packet, core: { ...packet.core, shares } } };
    expect(agreed(bent)).toEqual(expect.arrayContaining(["shares_open", "split_as_promised"]));
    expect(report(bent).total).toBeUndefined();
  });

  it("[RP-4] says what it cannot know: without the link, without the password, of chosen amounts, of blocks that are gone", () => {
    expect(unknown({ ...base, link: undefined })).toEqual(["link_fits", "shares_open", "split_as_promised"]);
    expect(report({ ...base, link: undefined }).total).toBeUndefined();
    expect(unknown({ ...base, transactionIds: undefined })).toEqual(["claims_included"]);
    const other = { linkSecret: base.link!.linkSecret.with(0, 0), guardedSecret: undefined };
    expect(faults({ ...base, link: other })).toEqual(expect.arrayContaining(["link_fits", "shares_open"]));
    const wrong = { ...base.link!, guardedSecret: new Uint8Array(16) };
    expect(faults({ ...base, link: wrong })).toContain("link_fits");
    expect(unknown(worldOf(2).evidence())).toEqual(["split_as_promised"]);
  });

  it("[RP-6] follows a packet to its last share, and claims of the next block to theirs", () => {
    const last = world("last", { paidBitmap: 0b10101n, claims: [2, 0] }).evidence();
    expect(last.after.state).toBeUndefined();
    expect(agreed(last)).toEqual(["shares_in_range"]);
    const { state } = base.after;
    expect(state!.pending.map((each) => each.height)).toEqual([91]);
    const dropped = { ...base, after: { ...base.after, state: { ...state!, pending: [] } } };
    expect(faults(dropped)).toContain("state_after");
  });

  it("[RP-6] [BL-1] notices a state after the draw that is proven and wrong", () => {
    const afterOf = (changeAfter: DrawWorld["options"]["changeAfter"]) =>
      faults(world("after", changeAfter === undefined ? {} : { changeAfter }).evidence());
    expect(afterOf(undefined)).toEqual(["shares_in_range"]);
    const wrong: readonly DrawWorld["options"]["changeAfter"][] = [
      (state) => ({ ...state, pending: [] }),
      (state) => ({ ...state, used: state.used.slice(1) }),
      (state) => ({ ...state, paidBitmap: state.paidBitmap ^ 1n }),
      (state) => ({ ...state, pending: [...state.pending, ...state.pending] }),
      (state) => ({ ...state, pending: state.pending.map((each) => ({ ...each, height: height(90) })) }),
    ];
    for (const [index, change] of wrong.entries()) {
      expect(afterOf(change), `change ${index}`).toEqual(["shares_in_range", "state_after"]);
    }
    expect(afterOf((state) => ({ ...state, isClosing: true }))).toEqual(["shares_in_range"]);
  });

  it("[RP-5] notices claims of the drawing block that are not among those used, or other ones in their place", () => {
    const taking = world("taker");
    const afterOf = (usedOf: (state: PacketState, claim: Claim) => PacketState["used"]): readonly DrawCheck[] => {
      let claim: Claim | undefined;
      const changeAfter = (state: PacketState, core: PacketCore): PacketState => {
        claim ??= taking.claim(core);
        const pending = [...state.pending, { height: height(92), claim }];
        return { ...state, pending, used: usedOf(state, claim) };
      };
      return faults(world("taken", { changeAfter }).evidence());
    };
    const unused = new Uint8Array(32);
    const withUsed = ({ used }: PacketState, oneTimeKey: Uint8Array, ticketKey = unused): PacketState["used"] => [
      ...used,
      { oneTimeKey, ticketKey },
    ];
    expect(afterOf((state, claim) => withUsed(state, claim.oneTimeKey))).toEqual(["shares_in_range"]);
    expect(afterOf((state) => withUsed(state, new Uint8Array(32).fill(3)))).toEqual(["shares_in_range", "state_after"]);
    const twice = ({ used }: PacketState): PacketState["used"] => [...used, used[0]!];
    expect(afterOf(twice)).toEqual(["shares_in_range", "state_after"]);
    const ticketed = (state: PacketState, claim: Claim) =>
      withUsed(state, claim.oneTimeKey, new Uint8Array(32).fill(9));
    expect(afterOf(ticketed)).toEqual(["shares_in_range", "state_after"]);
  });

  it("[RP-6] notices a packet that lives on without an unpaid share", () => {
    const rest = { paidBitmap: 0b11010n, claims: [2, 0] } as const;
    expect(faults(world("last", rest).evidence())).toEqual(["shares_in_range"]);
    const kept = world("last", { ...rest, changeAfter: (state) => state }).evidence();
    expect(kept.after.state?.paidBitmap).toBe(0b11111n);
    expect(faults(kept)).toEqual(["shares_in_range", "state_after"]);
  });

  it("[RP-7] lets a closed packet end with the draw, and no other", () => {
    const open = world("closing", { claims: [2, 0] }).evidence();
    const gone = world("closing", { claims: [2, 0], paidBitmap: 0b11010n }).evidence();
    const ended = {
      ...open,
      after: gone.after,
      headers: [taking, open.headers[1], { ...open.headers[2], utxoRoot: gone.headers[2].utxoRoot }] as const,
    };
    expect(faults(ended)).toContain("state_after");
    const late = { ...open.headers[1], time: timeMs(9_000_000) };
    expect(faults({ ...ended, headers: [ended.headers[0], late, ended.headers[2]] })).not.toContain("state_after");
  });

  it("[BL-1] is about this packet alone", () => {
    expect(faults({ ...base, packetLeaf: leafIndex(301) })).toEqual(
      expect.arrayContaining(["packet_included", "claims_authorised", "slots_as_drawn"]),
    );
  });
});
