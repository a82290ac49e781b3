import { beaconMessage, nextBeacon } from "../../src/core/chain/beacon.ts";
import { claimHash, type Claim, type UnsignedClaim } from "../../src/core/chain/claim.ts";
import { encodeHeader, type Header } from "../../src/core/chain/header.ts";
import { outputHash } from "../../src/core/chain/output.ts";
import { drawnCoin, unpaidSlots } from "../../src/core/chain/packet-coins.ts";
import { drawSlots } from "../../src/core/chain/packet-draw.ts";
import { encodePacketOutput, packetProofSize, type PacketCore } from "../../src/core/chain/packet-output.ts";
import { transactionId } from "../../src/core/chain/transaction.ts";
import { compareBytes } from "../../src/core/bytes/compare-bytes.ts";
import { merkleRoot } from "../../src/core/crypto/merkle.ts";
import { proveRange } from "../../src/core/crypto/range-proof-prover.ts";
import { ZERO_SCALAR, type Scalar } from "../../src/core/crypto/scalar.ts";
import { schnorrPublicKey, schnorrSign } from "../../src/core/crypto/schnorr.ts";
import { hashToScalar, sha256Hash } from "../../src/core/crypto/tagged-hash.ts";
import type { DrawEvidence } from "../../src/core/red-packet/check-draw.ts";
import { sealGreeting } from "../../src/core/red-packet/packet-greeting.ts";
import {
  buildShares,
  derivePacketKey,
  derivePacketSecret,
  packetRangeWitness,
} from "../../src/core/red-packet/packet-secrets.ts";
import { splitPacket, type SplitPlan } from "../../src/core/red-packet/split-packet.ts";
import { encodePacketState, packetStateHash, type PacketState } from "../../src/core/state/leaf-state.ts";
import { leafHash, type TileLeaf } from "../../src/core/state/tree.ts";
import { buildLeafProof, encodeLeafProof } from "../../src/core/state/tree-proof.ts";
import { amount } from "../../src/core/values/amount.ts";
import { hash, ZERO_HASH, type Hash } from "../../src/core/values/hash.ts";
import { epoch, height, leafIndex, timeMs, type LeafIndex } from "../../src/core/values/height.ts";
import { fakeBls } from "./fake-bls.ts";
import type { DrawBytes } from "./independent-draw-check.ts";
import { testCurve as curve } from "./test-curve.ts";
import { seededRandom } from "./test-random.ts";
import { TestTree } from "./test-tree.ts";

const CHAIN_ID = 1000;
const TAKEN_AT = 90;
const MADE_AT = height(70);
const PROPOSER = new Uint8Array(32).fill(4);

export interface DrawWorldOptions {
  readonly label: string;
  readonly plan: SplitPlan;
  /** Slots of shares that were drawn before. */
  readonly paidBitmap: bigint;
  /** Claims of h, and of h + 1. */
  readonly claims: readonly [number, number];
  /** A proof of the shares takes tens of milliseconds; without one nothing says that they are in range. */
  readonly isProven?: boolean;
  /** The shares that stand in the packet, in the place of those that the plan gives. */
  readonly change?: (shares: readonly bigint[]) => readonly bigint[];
  /** What the tree says after h + 2, in the place of what RP-6 makes of it. */
  readonly changeAfter?: (state: PacketState, core: PacketCore) => PacketState;
}

/** A packet, claims on it and their draw, with the headers and proofs around them: no ledger, but all that 9.6 asks for. */
export class DrawWorld {
  readonly linkSecret: Uint8Array;
  readonly packetLeaf = leafIndex(300);
  readonly options: DrawWorldOptions;
  readonly #random;

  constructor(options: DrawWorldOptions) {
    this.options = options;
    this.#random = seededRandom(options.label);
    this.linkSecret = this.#random.bytes(16);
  }

  secret(): Scalar {
    return hashToScalar(curve, "test/secret", this.#random.bytes(32));
  }

  evidence(): DrawEvidence {
    const { paidBitmap, claims: counts } = this.options;
    const packet = this.#packet();
    const { core } = packet;
    const made = [counts[0], counts[1]].map((count) => Array.from({ length: count }, () => this.claim(core)));
    const [taken, waiting] = [made[0]!, made[1]!];
    const drawn = Array.from({ length: paidBitmap.toString(2).replaceAll("0", "").length }, () => this.claim(core));
    const before: PacketState = {
      paidBitmap,
      isClosing: false,
      used: usedOf([...drawn, ...taken, ...waiting]),
      pending: [
        ...taken.map((claim) => ({ height: height(TAKEN_AT), claim })),
        ...waiting.map((claim) => ({ height: height(TAKEN_AT + 1), claim })),
      ],
    };
    const beacon = hash(this.#random.bytes(32));
    const signature = fakeBls.sign(PROPOSER, beaconMessage(CHAIN_ID, height(TAKEN_AT + 2), beacon));
    const next = nextBeacon(beacon, signature);
    const unpaid = unpaidSlots(core, paidBitmap)!;
    const assigned = drawSlots(next, taken.map(claimHash), unpaid);
    const coins = assigned.map(({ place, slot }) => drawnCoin(core, this.packetLeaf, taken[place]!, slot));
    const paid = assigned.reduce((bits, { slot }) => bits | (1n << BigInt(slot)), paidBitmap);
    const isOver = unpaid.length === taken.length;
    const left = { ...before, paidBitmap: paid, pending: before.pending.slice(taken.length) };
    const after = this.options.changeAfter?.(left, core) ?? (isOver ? undefined : left);
    const transactionIds = [hash(this.#random.bytes(32)), ...taken.map(transactionId)];
    const first = this.#stand(core, before);
    const second = this.#stand(core, after);
    return {
      packet,
      packetLeaf: this.packetLeaf,
      packetHeight: MADE_AT,
      headers: [
        headerOf(TAKEN_AT, { txsRoot: merkleRoot(transactionIds) }),
        headerOf(TAKEN_AT + 1, { utxoRoot: first.root, beacon }),
        headerOf(TAKEN_AT + 2, { utxoRoot: second.root, beacon: next, beaconSignature: signature }),
      ],
      proposerKey: fakeBls.publicKey(PROPOSER),
      transactionIds,
      before: { state: before, proof: first.proof },
      after: { state: after, proof: second.proof },
      compact: undefined,
      drawn: coins.map(outputHash),
      link: { linkSecret: this.linkSecret, guardedSecret: undefined },
    };
  }

  claim(core: PacketCore): Claim {
    const owner = this.secret();
    const unsigned: UnsignedClaim = {
      kind: "claim",
      chainId: CHAIN_ID,
      packetLeaf: this.packetLeaf,
      gate: { mode: "open" },
      oneTimeKey: schnorrPublicKey(curve, owner),
      ephemeralKey: this.#random.bytes(32),
      viewTag: this.#random.bytes(2),
      payloadTag: this.#random.bytes(16),
      anchorEnc: this.#random.bytes(16),
    };
    const sign = (secret: Scalar): Uint8Array =>
      schnorrSign(curve, secret, claimHash(unsigned), this.#random.bytes(32));
    if (core.gate.mode !== "open") throw new RangeError("a gate of another kind");
    const packetSignature = sign(derivePacketSecret(curve, this.linkSecret));
    return { ...unsigned, ticketSignature: undefined, packetSignature, ownerSignature: sign(owner) };
  }

  #packet() {
    const { plan, isProven, change } = this.options;
    const planned = splitPacket(this.linkSecret, plan);
    const amounts = (change === undefined ? planned : change(planned)).map(amount);
    const keys = {
      refundKey: schnorrPublicKey(curve, this.secret()),
      packetKey: derivePacketKey(curve, this.linkSecret),
      ephemeralKey: this.#random.bytes(32),
    };
    const shares = buildShares(curve, this.linkSecret, amounts);
    const rangeProof =
      isProven === true
        ? proveRange(curve, packetRangeWitness(curve, CHAIN_ID, keys, this.linkSecret, amounts), this.#random).proof
        : this.#random.bytes(packetProofSize({ shares }));
    const minimum = amount(plan.split === "lucky" ? plan.minimum : 1n);
    const greeting = { split: plan.split, minimum, adBlobId: undefined, text: "恭喜发财" };
    const core: PacketCore = {
      type: "packet",
      ...keys,
      viewTag: this.#random.bytes(2),
      gate: { mode: "open" },
      claimFee: amount(10_000n),
      expiry: timeMs(9_000_000),
      greeting: sealGreeting(this.linkSecret, keys.packetKey, greeting),
      shares,
      rangeProofHash: sha256Hash(rangeProof),
    };
    return { core, rangeProof };
  }

  /** A tree with some other leaves, and the packet in this state, or gone. */
  #stand(core: PacketCore, state: PacketState | undefined) {
    const tree = new TestTree();
    const leaves = new Map<LeafIndex, TileLeaf | undefined>();
    for (const index of [3, 299, 301, 5000]) leaves.set(leafIndex(index), this.#leaf());
    const packetHash = state && leafHash(this.packetLeaf, MADE_AT, outputHash(core), packetStateHash(state));
    const { ephemeralKey, viewTag } = core;
    if (packetHash !== undefined) leaves.set(this.packetLeaf, { hash: packetHash, ephemeralKey, viewTag });
    tree.update(leaves);
    return { root: tree.root, proof: buildLeafProof(tree, this.packetLeaf) };
  }

  #leaf(): TileLeaf {
    const bytes = (size: number): Uint8Array => this.#random.bytes(size);
    return { hash: hash(bytes(32)), ephemeralKey: bytes(32), viewTag: bytes(2) };
  }
}

function usedOf(claims: readonly Claim[]): PacketState["used"] {
  const used = claims.map(({ oneTimeKey }) => ({ oneTimeKey, ticketKey: new Uint8Array(32) }));
  return used.sort((left, right) => compareBytes(left.oneTimeKey, right.oneTimeKey));
}

/** The same as bytes, for the checker that shares no code. */
export function drawBytes(evidence: DrawEvidence): DrawBytes {
  const { packet, packetLeaf, packetHeight, headers, before, drawn, link } = evidence;
  return {
    packet: encodePacketOutput(packet),
    packetLeaf,
    packetHeight,
    headers: headers.map(encodeHeader),
    before: encodePacketState(before.state!),
    beforeProof: encodeLeafProof(before.proof!),
    drawn,
    linkSecret: link?.linkSecret,
  };
}

/** A header that says nothing but its height, its time and what is given. */
export function headerOf(at: number, fields: Partial<Header>): Header {
  const empty: Hash = ZERO_HASH;
  return {
    chainId: CHAIN_ID,
    height: height(at),
    round: 0,
    time: timeMs(1_000 * at),
    epoch: epoch(1),
    isEpochEnd: false,
    proposer: 0,
    prev: empty,
    txsRoot: empty,
    compactRoot: empty,
    utxoRoot: empty,
    histRoot: empty,
    valHash: empty,
    nextValHash: empty,
    paramsHash: empty,
    auxRoot: empty,
    lastCertHash: empty,
    evidenceRoot: empty,
    nextLeaf: 6_000,
    liveCount: 5,
    minted: 0n,
    burned: 0n,
    accrued: 0n,
    pot: 0n,
    gammaAcc: ZERO_SCALAR,
    beacon: empty,
    beaconSignature: new Uint8Array(96),
    ...fields,
  };
}
