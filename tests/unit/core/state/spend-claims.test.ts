import { describe, expect, it } from "vitest";
import { addScalars, scalarOf } from "../../../../src/core/crypto/scalar.ts";
import { examineBlock } from "../../../../src/core/state/examine-block.ts";
import {
  firstBrokenRule,
  isAboutSignatures,
  verifyClaims,
  type SpendClaims,
  type TransferClaims,
} from "../../../../src/core/state/spend-claims.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";
import { fakeBls } from "../../../support/fake-bls.ts";

const COUNT = 64;

/** Claims of a block of 64 payments, all of them true. The last one pays in the open. */
function claimsOfBlock(): readonly SpendClaims[] {
  const builder = new LedgerBuilder({ label: "64 claims" });
  const split = builder.transfer(builder.take(1), new Array<bigint>(COUNT).fill(1_000_000n));
  builder.notes = [];
  builder.extend([split]);
  builder.proofs = true;
  const payments = builder.take(COUNT).map((note, index) => {
    if (index < COUNT - 1) return builder.transfer([note], [0n]).transaction;
    const open = builder.publicCoin(1_000n);
    const fee = builder.fee([open.output, open.output], 1);
    return builder.transferInto([note], [open, builder.coin(note.amount - fee - 1_000n)]).transaction;
  });
  const deps = { ...builder.deps, isRangeProofVerified: () => false };
  const examined = examineBlock(deps, builder.tip, builder.ledger, builder.build(payments));
  if (!examined.ok) throw new Error(examined.rule);
  return examined.claims;
}

const claims = claimsOfBlock();
const random = seededRandom("weights");
const deps = { curve, bls: fakeBls };

/** The verdicts where claims number `place` are changed so: by place, of those that break a rule. */
function rulesWith(place: number, change: (transfer: TransferClaims, each: SpendClaims) => Partial<SpendClaims>) {
  const each = claims[place]!;
  const changed = claims.with(place, { ...each, ...change(each.transfer!, each) });
  const [first] = [true, false].map((isDoubted) => firstBrokenRule(deps, changed, random, isDoubted));
  expect(verifyClaims(deps, changed, random)[place]).toBe(first);
  return verifyClaims(deps, changed, random).flatMap((rule, index) => (rule === undefined ? [] : [[index, rule]]));
}
const withTransfer = (place: number, change: (transfer: TransferClaims) => Partial<TransferClaims>) =>
  rulesWith(place, (transfer) => ({ transfer: { ...transfer, ...change(transfer) } }));

describe("the claims of a block of 64 payments", () => {
  it("[TX-3] [TX-4] [TX-5] [OU-1] [PU-1] hold in one batch", () => {
    expect(claims).toHaveLength(COUNT);
    expect(verifyClaims(deps, claims, random)).toEqual(claims.map(() => undefined));
    expect(verifyClaims(deps, [], random)).toEqual([]);
    for (const isDoubted of [true, false]) {
      expect(firstBrokenRule(deps, claims, random, isDoubted)).toBeUndefined();
      expect(firstBrokenRule(deps, [], random, isDoubted)).toBeUndefined();
    }
  });

  it("[TX-5] signatures that are doubted are looked at before anything else, and nothing is passed over for it", () => {
    const [wrong, other] = [claims[3]!, claims[50]!];
    const { signatures } = wrong.transfer!;
    const { balance } = other.transfer!;
    const forged = signatures.map((claim) => ({ ...claim, signature: other.transfer!.signatures[0]!.signature }));
    const unbalanced = { ...other.transfer!, balance: { ...balance, clear: balance.clear + 1n } };
    const changed = claims
      .with(3, { ...wrong, transfer: { ...wrong.transfer!, signatures: forged } })
      .with(2, { ...other, transfer: unbalanced });
    expect(firstBrokenRule(deps, changed, random, false)).toBe("TX-4");
    expect(firstBrokenRule(deps, changed, random, true)).toBe("TX-5");
    expect([isAboutSignatures("TX-5"), isAboutSignatures("TX-4"), isAboutSignatures("TX-3")]).toEqual([
      true,
      false,
      false,
    ]);
    const rangeProofs = [claims[6]!.rangeProofs[0]!];
    const proofs = claims.with(9, { transfer: undefined, rangeProofs: [{ ...rangeProofs[0]!, chainId: 99 }] });
    expect(firstBrokenRule(deps, proofs, random, true)).toBe("TX-3");
  });

  it("[TX-5] one bad signature is named", () => {
    const other = claims[3]!.transfer!.signatures[0]!;
    const rules = withTransfer(17, ({ signatures }) => ({
      signatures: signatures.map((claim) => ({ ...claim, signature: other.signature })),
    }));
    expect(rules).toEqual([[17, "TX-5"]]);
  });

  it("[TX-4] one bad balance is named", () => {
    const more = withTransfer(40, ({ balance }) => ({ balance: { ...balance, clear: balance.clear + 1n } }));
    expect(more).toEqual([[40, "TX-4"]]);
    const gamma = withTransfer(63, ({ balance }) => ({
      balance: { ...balance, gamma: addScalars(balance.gamma, scalarOf(1n)) },
    }));
    expect(gamma).toEqual([[63, "TX-4"]]);
  });

  it("[TX-3] [RG-6] one bad proof is named", () => {
    const [other] = claims[6]!.rangeProofs;
    const rules = rulesWith(5, (_, { rangeProofs }) => ({
      rangeProofs: rangeProofs.map((claim) => ({ ...claim, proof: other!.proof })),
    }));
    expect(rules).toEqual([[5, "TX-3"]]);
  });

  it("[OU-1] a key or commitment that is the identity, or no element, is named before anything else", () => {
    const identity = new Uint8Array(32);
    expect(withTransfer(9, () => ({ oneTimeKeys: identity }))).toEqual([[9, "OU-1"]]);
    expect(withTransfer(9, () => ({ oneTimeKeys: identity.map(() => 255) }))).toEqual([[9, "OU-1"]]);
    for (const outputs of [identity, identity.map(() => 255)]) {
      expect(withTransfer(9, ({ balance }) => ({ balance: { ...balance, outputs } }))).toEqual([[9, "OU-1"]]);
    }
  });

  it("[PU-1] a public output of another amount is named", () => {
    const rules = withTransfer(63, ({ publicOutputs }) => ({
      publicOutputs: publicOutputs.map((core) => ({ ...core, anchor: core.anchor.map((byte) => byte ^ 1) })),
    }));
    expect(rules).toEqual([[63, "PU-1"]]);
  });

  it("[TX-4] [TX-5] each of two errors that cancel under equal weights is named", () => {
    const moved = (claim: SpendClaims, by: bigint): SpendClaims => {
      const { balance } = claim.transfer!;
      const changed = { ...balance, gamma: addScalars(balance.gamma, scalarOf(by)) };
      return { ...claim, transfer: { ...claim.transfer!, balance: changed } };
    };
    const changed = claims.with(1, moved(claims[1]!, 1n)).with(2, moved(claims[2]!, -1n));
    expect(verifyClaims(deps, changed, random).slice(0, 4)).toEqual([undefined, "TX-4", "TX-4", undefined]);
  });
});
