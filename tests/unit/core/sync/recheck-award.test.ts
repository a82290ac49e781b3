import { describe, expect, it } from "vitest";
import { formatHex, parseHex } from "../../../../src/core/bytes/hex.ts";
import { certificateHash, encodeCertificate, type Certificate } from "../../../../src/core/chain/certificate.ts";
import { compactEntry, encodeEntry } from "../../../../src/core/chain/compact-block.ts";
import { blockId, decodeHeader, encodeHeader, type Header } from "../../../../src/core/chain/header.ts";
import { encodeOutputCore } from "../../../../src/core/chain/output.ts";
import {
  encodeValidatorSet,
  totalPower,
  validatorSetHash,
  type ValidatorSet,
} from "../../../../src/core/chain/validator-set.ts";
import { VOTE_TYPE, voteMessage } from "../../../../src/core/chain/vote.ts";
import { rootOfLastLeaf } from "../../../../src/core/crypto/merkle.ts";
import { AWARD_KEYS_MAX, LAST_LEAF_PROOF_MAX } from "../../../../src/core/params/limits.ts";
import { awardWinner } from "../../../../src/core/state/award.ts";
import { encodeAward } from "../../../../src/core/state/aux-records.ts";
import { readAwardClaim, type AwardClaim } from "../../../../src/core/sync/award-claim.ts";
import { recheckAward, type AwardFault } from "../../../../src/core/sync/recheck-award.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { height } from "../../../../src/core/values/height.ts";
import { devValidatorSeed } from "../../../../src/core/chain/dev-seeds.ts";
import { extendToDraw, pastDrawsOf } from "../../../support/award-ledger.ts";
import { validatorsOf } from "../../../support/consensus-chain.ts";
import { fakeBls as bls } from "../../../support/fake-bls.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { LedgerNode } from "../../../support/ledger-node.ts";
import { MemoryStore } from "../../../support/memory-store.ts";

const builder = new LedgerBuilder({ label: "recheck", params: { weekEpochs: 2, awardDelayBlocks: 3 } });
const { store } = await LedgerNode.open(builder, new MemoryStore());
await extendToDraw(builder, store);
await extendToDraw(builder, store);
const [json, older] = (await pastDrawsOf(store)) as [Record<string, unknown>, Record<string, unknown>];
const claimOf = (value: unknown): AwardClaim => readAwardClaim(value)!;
const claim = claimOf(json);
const trusted = { header: builder.start.tip.header, nextValidators: builder.start.tip.nextValidators };
const [set] = claim.validatorSets as [ValidatorSet];

const verdict = (change: Partial<AwardClaim>, by = trusted): AwardFault | "ok" =>
  recheckAward(bls, by, { ...claim, ...change }) ?? "ok";

/** Precommits for a header of all seats of a set, or of these. */
function certify(header: Header, validators: ValidatorSet, seats = validators.map((_, seat) => seat)): Certificate {
  const message = voteMessage(header.chainId, VOTE_TYPE.precommit, header.height, 0, blockId(header));
  const signatures = seats.map((seat) => bls.sign(builder.seedOf(validators[seat]!.blsKey), message));
  const signers = validators.map((_, seat) => seats.includes(seat));
  return { round: 0, signers, signature: bls.aggregate(signatures)! };
}

/** What the validators could sign together if all of them lied: both headers changed, linked and certified anew. */
function signedAnew(change: {
  readonly header?: Partial<Header>;
  readonly beaconHeader?: Partial<Header>;
}): Partial<AwardClaim> {
  const header = { ...claim.header, ...change.header };
  const certificate = certify(header, set);
  const links = { prev: blockId(header), lastCertHash: certificateHash(certificate) };
  const beaconHeader = { ...claim.beaconHeader, ...links, ...change.beaconHeader };
  return { header, certificate, beaconHeader, beaconCertificate: certify(beaconHeader, set) };
}

describe("a past draw", () => {
  it("[AW-4] is believed from any header of the chain on, before it or after", () => {
    expect(verdict({})).toBe("ok");
    expect(recheckAward(bls, trusted, claimOf(older))).toBeUndefined();
    const newest = { header: builder.tip.header, nextValidators: builder.tip.nextValidators };
    expect(verdict({}, newest)).toBe("ok");
    expect(claim.beaconHeight).toBe(claim.header.height + 1);
    expect(claim.week).toBe(2);
  });

  it("[AW-4] is believed where the week's last block changes the set and the next one draws", async () => {
    const changing = new LedgerBuilder({ label: "recheck sets", params: { weekEpochs: 1, awardDelayBlocks: 1 } });
    const node = await LedgerNode.open(changing, new MemoryStore());
    await extendToDraw(changing, node.store);
    const [note] = changing.take(1);
    const stake = changing.stake(100_000_000_000n, devValidatorSeed(6));
    const fee = changing.fee([stake.output, changing.coin(1n).output], 1);
    await node.extend([
      changing.transferInto([note!], [stake, changing.coin(note!.amount - stake.amount - fee)], { fee }),
    ]);
    await extendToDraw(changing, node.store);
    const [changed] = await pastDrawsOf(node.store);
    const claim = claimOf(changed);
    expect(claim.validatorSets.map(({ length }) => length)).toEqual([4, 5]);
    const { header, nextValidators } = changing.start.tip;
    expect(recheckAward(bls, { header, nextValidators }, claim)).toBeUndefined();
    for (const one of claim.validatorSets)
      expect(recheckAward(bls, { header, nextValidators }, { ...claim, validatorSets: [one] })).toBe("bad_set");
  });

  it("[AW-4] with any byte of any field altered is not believed", () => {
    const leaves = (value: unknown, path: readonly (string | number)[]): (readonly (string | number)[])[] =>
      typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([name, each]) => leaves(each, [...path, name]))
        : [path];
    const altered = (path: readonly (string | number)[], change: (value: string | number) => unknown): unknown => {
      const copy = structuredClone(json);
      const parent = path.slice(0, -1).reduce<Record<string, unknown>>((at, name) => at[name] as never, copy);
      parent[path.at(-1)!] = change(parent[path.at(-1)!] as string | number);
      return copy;
    };
    const paths = leaves(json, []);
    // Every field there is, lists by their items.
    expect(new Set(paths.map(([name]) => name))).toEqual(new Set(Object.keys(json)));
    for (const path of paths) {
      const name = path.join(".");
      const value = path.reduce<unknown>((at, each) => (at as never)[each], json);
      if (typeof value === "number") {
        for (const other of [value + 1, value - 1, 0])
          expectRefused(
            altered(path, () => other),
            `${name} ${other}`,
          );
        continue;
      }
      const text = value as string;
      if (path[0] === "amount") {
        expectRefused(
          altered(path, () => (BigInt(text) + 1n).toString()),
          name,
        );
        expectRefused(
          altered(path, () => (BigInt(text) - 1n).toString()),
          name,
        );
        continue;
      }
      const step = Math.max(1, Math.floor(text.length / 2 / 60));
      for (let byte = 0; byte < text.length / 2; byte += step) {
        const bent = parseHex(text);
        bent[byte]! ^= 1 << (byte % 8);
        expectRefused(
          altered(path, () => formatHex(bent)),
          `${name} byte ${byte}`,
        );
      }
      expectRefused(
        altered(path, () => text.slice(2)),
        `${name} shorter`,
      );
      expectRefused(
        altered(path, () => `${text}00`),
        `${name} longer`,
      );
    }
  });

  function expectRefused(value: unknown, name: string): void {
    const read = readAwardClaim(value);
    expect(read === undefined || recheckAward(bls, trusted, read) !== undefined, name).toBe(true);
  }

  it("[AW-4] with the parts of another draw in it is not believed", () => {
    for (const name of Object.keys(json)) {
      if (JSON.stringify(json[name]) === JSON.stringify(older[name])) continue;
      expectRefused({ ...json, [name]: older[name] }, name);
      const { [name]: _gone, ...rest } = json;
      expect(readAwardClaim(rest), name).toBeUndefined();
    }
  });

  it("[LC-1] is of the chain of the trusted header", () => {
    const header = { ...trusted.header, chainId: 1001 };
    expect(verdict({}, { ...trusted, header })).toBe("wrong_chain");
    const params = { ...trusted.header, paramsHash: hash(new Uint8Array(32)) };
    expect(verdict({}, { ...trusted, header: params })).toBe("wrong_chain");
    expect(verdict(signedAnew({ header: { chainId: 1001 } }))).toBe("wrong_chain");
    expect(verdict(signedAnew({ beaconHeader: { chainId: 1001 } }))).toBe("wrong_chain");
  });

  it("[CO-3] is of one block and the next, with the certificate that the next names", () => {
    expect(verdict({ header: claimOf(older).header })).toBe("not_linked");
    expect(verdict(signedAnew({ beaconHeader: { prev: hash(new Uint8Array(32)) } }))).toBe("not_linked");
    expect(verdict(signedAnew({ beaconHeader: { height: height(claim.beaconHeight + 1) } }))).toBe("not_linked");
    expect(verdict({ certificate: certify(claim.header, set, [0, 1, 2]) })).toBe("not_linked");
  });

  it("[LC-1] has both certificates of more than two thirds of sets that the headers name", () => {
    expect(verdict({ validatorSets: [] })).toBe("bad_set");
    expect(verdict({ validatorSets: [trusted.nextValidators.slice(1)] })).toBe("bad_set");
    expect(verdict({ beaconCertificate: certify(claim.beaconHeader, set, [0, 1, 2]) })).toBe("ok");
    // Equal stakes: two of four sign for a half.
    expect(verdict({ beaconCertificate: certify(claim.beaconHeader, set, [0, 1]) })).toBe("bad_certificate");
    expect(verdict({ beaconCertificate: claim.certificate })).toBe("bad_certificate");
    const short = { ...claim.beaconCertificate, signers: [true, true, true] };
    expect(verdict({ beaconCertificate: short })).toBe("bad_certificate");
    const weak = certify(claim.header, set, [0, 1]);
    const next = { ...claim.beaconHeader, lastCertHash: certificateHash(weak) };
    const change = { certificate: weak, beaconHeader: next, beaconCertificate: certify(next, set) };
    expect(verdict(change)).toBe("bad_certificate");
  });

  it("[LC-2] needs more than a third of the power that we trust among its signers, and not a third exactly", () => {
    const seats = claim.validatorSets[0]!;
    const strangers = validatorsOf(
      bls,
      new Map([
        [21, 1],
        [22, 1],
      ]),
    ).set;
    const power = totalPower(seats);
    const by = (mine: number): typeof trusted => ({
      ...trusted,
      nextValidators: [
        ...seats.slice(0, 1).map((seat) => ({ ...seat, power: mine })),
        ...strangers.map((each) => ({ ...each, power })),
      ],
    });
    expect(verdict({}, by(power))).toBe("unknown_signers");
    expect(verdict({}, by(power + 1))).toBe("ok");
    // A chain that strangers made up for themselves has all the signatures it needs, of the wrong people.
    expect(verdict({}, { ...trusted, nextValidators: strangers })).toBe("unknown_signers");
    // Who is known but has not signed does not count.
    expect(verdict({ beaconCertificate: certify(claim.beaconHeader, set, [1, 2, 3]) }, by(power + 1))).toBe(
      "unknown_signers",
    );
  });

  it("[AW-2] has the list, the week and the height that the chain had fixed", () => {
    const reversed = { eligible: [...claim.eligible].reverse() };
    expect(verdict(reversed)).toBe("bad_list");
    expect(verdict({ eligible: claim.eligible.slice(1) })).toBe("bad_list");
    expect(verdict({ eligible: [] })).toBe("bad_list");
    const nobody = { week: BigInt(claim.week), dueHeight: height(claim.beaconHeight), blsKeys: [] };
    const ofNobody = signedAnew({ header: { auxRoot: rootOfLastLeaf(claim.listProof, encodeAward(nobody)) } });
    expect(verdict({ eligible: [], ...ofNobody })).toBe("bad_list");
    expect(verdict({ week: claim.week + 1 })).toBe("bad_list");
    expect(verdict({ beaconHeight: claim.beaconHeight + 1 })).toBe("bad_list");
    expect(verdict({ listProof: [] })).toBe("bad_list");
    // The list was due at another height: the beacon of this block draws nothing.
    const late = { week: BigInt(claim.week), dueHeight: height(claim.beaconHeight + 1), blsKeys: claim.eligible };
    const auxRoot = rootOfLastLeaf(claim.listProof, encodeAward(late));
    expect(verdict(signedAnew({ header: { auxRoot } }))).toBe("bad_list");
  });

  it("[CO-1] has the beacon that the proposer's signature makes of the one before, whoever certifies another", () => {
    const other = hash(new Uint8Array(32).fill(7));
    expect(verdict({ beacon: other })).toBe("bad_beacon");
    const winner = (beacon: typeof other) =>
      claim.eligible[awardWinner({ week: BigInt(claim.week), blsKeys: claim.eligible }, beacon)]!;
    let tried = 0;
    for (let byte = 0; byte < 40; byte++) {
      // One that the same key wins, so that nothing else is wrong.
      const beacon = hash(new Uint8Array(32).fill(byte));
      if (formatHex(winner(beacon)) !== formatHex(claim.winner)) continue;
      tried++;
      expect(verdict({ beacon, ...signedAnew({ beaconHeader: { beacon } }) })).toBe("bad_beacon");
    }
    expect(tried).toBeGreaterThan(0);
    const seat = (claim.beaconHeader.proposer + 1) % set.length;
    expect(verdict(signedAnew({ beaconHeader: { proposer: seat } }))).toBe("bad_beacon");
    expect(verdict(signedAnew({ beaconHeader: { proposer: set.length } }))).toBe("bad_beacon");
    expect(verdict(signedAnew({ header: { beacon: other } }))).toBe("bad_beacon");
    // Signed anew and otherwise as it was: the signatures themselves are not what is refused above.
    expect(verdict(signedAnew({}))).toBe("ok");
  });

  it("[AW-2] has the winner whom list and beacon give, paid this amount by this block, and the pot is empty", () => {
    for (const key of claim.eligible)
      expect(verdict({ winner: key })).toBe(formatHex(key) === formatHex(claim.winner) ? "ok" : "wrong_winner");
    expect(verdict({ amount: amount(claim.amount - 1n) })).toBe("bad_payout");
    const paying = (payout: AwardClaim["payout"]): AwardFault | "ok" => {
      const compactRoot = rootOfLastLeaf(claim.payoutProof, encodeEntry(compactEntry(payout)));
      return verdict({ payout, amount: payout.amount, ...signedAnew({ beaconHeader: { compactRoot } }) });
    };
    expect(paying(claim.payout)).toBe("ok");
    const more = { ...claim.payout, amount: amount(claim.amount + 1n) };
    expect(verdict({ payout: more, amount: more.amount })).toBe("bad_payout");
    // The anchor names week and winner: a payment to somebody else, or for another week, is no payout.
    expect(paying({ ...claim.payout, anchor: claimOf(older).payout.anchor })).toBe("bad_payout");
    expect(verdict({ payoutProof: claim.payoutProof.slice(1) })).toBe("bad_payout");
    const compactRoot = rootOfLastLeaf([], encodeEntry(compactEntry(claim.payout)));
    expect(verdict({ payoutProof: [], ...signedAnew({ beaconHeader: { compactRoot } }) })).toBe("bad_payout");
    expect(verdict(signedAnew({ beaconHeader: { pot: 1n } }))).toBe("bad_payout");
  });
});

describe("what is said of a past draw", () => {
  it("[EN-3] is read as it was written", () => {
    expect(encodeHeader(claim.header)).toEqual(encodeHeader(decodeHeader(parseHex(json["header"] as string))));
    expect(formatHex(encodeCertificate(claim.beaconCertificate))).toBe(json["beacon_cert"]);
    expect(formatHex(encodeOutputCore(claim.payout))).toBe(json["payout"]);
    expect(formatHex(encodeValidatorSet(set))).toBe((json["validator_sets"] as string[])[0]);
    expect(formatHex(validatorSetHash(set))).toBe(formatHex(claim.header.valHash));
    expect(claim).toMatchObject({ week: json["week"], beaconHeight: json["beacon_height"] });
    expect(readAwardClaim({ ...json, later: "field" })).toEqual(claim);
  });

  it("[EN-3] has lists of AWARD_KEYS_MAX keys and proofs of LAST_LEAF_PROOF_MAX hashes, and no longer ones", () => {
    const repeat = (text: string, count: number) => Array.from({ length: count }, () => text);
    const [key, digest] = ["b0".repeat(48), "c1".repeat(32)];
    const limits = [
      ["eligible_list", key, AWARD_KEYS_MAX],
      ["aux_proof", digest, LAST_LEAF_PROOF_MAX],
      ["payout_proof", digest, LAST_LEAF_PROOF_MAX],
      ["validator_sets", (json["validator_sets"] as string[])[0]!, 2],
    ] as const;
    for (const [name, item, count] of limits) {
      expect(readAwardClaim({ ...json, [name]: repeat(item, count) }), name).toBeDefined();
      expect(readAwardClaim({ ...json, [name]: repeat(item, count + 1) }), name).toBeUndefined();
    }
  });

  it("[EN-4] of any other shape is not read, and nothing is thrown", () => {
    for (const value of [undefined, null, 5, "text", [], {}]) expect(readAwardClaim(value)).toBeUndefined();
    for (const bad of [null, 5.5, -1, "x", "00", "zz".repeat(48), [], {}, true])
      for (const name of Object.keys(json)) {
        const read = readAwardClaim({ ...json, [name]: bad });
        const isEmptyList = Array.isArray(bad) && Array.isArray(json[name]);
        expect(read === undefined, `${name} ${JSON.stringify(bad)}`).toBe(!isEmptyList);
      }
    const coin = builder.coin(1n).output.core;
    expect(readAwardClaim({ ...json, payout: formatHex(encodeOutputCore(coin)) })).toBeUndefined();
  });
});
