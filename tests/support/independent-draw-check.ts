import { createHash } from "node:crypto";
import { ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";

/**
 * A second reader of chapter 9, from bytes alone. It shares no code with `src`, only hashes and the curve, and follows the
 * text of the rules rather than the shape of the other: where both agree, a slip would have to be made twice.
 */
export interface DrawBytes {
  readonly packet: Uint8Array;
  readonly packetLeaf: number;
  readonly packetHeight: number;
  /** Of h, h + 1 and h + 2, 592 bytes each. */
  readonly headers: readonly Uint8Array[];
  /** State fields of the packet after h + 1 and its proof there. */
  readonly before: Uint8Array;
  readonly beforeProof: Uint8Array;
  /** out_hash of the coins that h + 2 has made of it. */
  readonly drawn: readonly Uint8Array[];
  readonly linkSecret: Uint8Array | undefined;
}

const ORDER = ristretto255.Point.Fn.ORDER;
const G = ristretto255.Point.BASE;
const H = ristretto255_hasher.deriveToCurve!(tagged("stg/gen/H"));

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
function number(value: number | bigint, size: number): Uint8Array {
  let rest = BigInt(value);
  return Uint8Array.from({ length: size }, () => {
    const byte = Number(rest & 255n);
    rest >>= 8n;
    return byte;
  });
}
function read(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
function tagged(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const name = Buffer.from(tag, "latin1");
  const hasher = createHash("sha512").update(number(name.length, 1)).update(name);
  for (const part of parts) hasher.update(number(part.length, 4)).update(part);
  return new Uint8Array(hasher.digest());
}
const short = (tag: string, ...parts: readonly Uint8Array[]): Uint8Array => tagged(tag, ...parts).slice(0, 32);
const scalar = (tag: string, ...parts: readonly Uint8Array[]): bigint => read(tagged(tag, ...parts)) % ORDER;
const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(
    createHash("sha256")
      .update(join(...parts))
      .digest(),
  );
const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;
const times = (point: typeof G, factor: bigint) => (factor === 0n ? ristretto255.Point.ZERO : point.multiply(factor));

/** PR-8. */
function draw(seed: Uint8Array, n: bigint): bigint {
  for (let counter = 0; ; counter++) {
    const block = short("stg/draw", seed, number(counter, 4));
    for (let at = 0; at < 32; at += 8) {
      const value = read(block.slice(at, at + 8));
      if (value < (2n ** 64n / n) * n) return value % n;
    }
  }
}

/** RP-3. */
function split(L: Uint8Array, kind: number, total: bigint, n: number, minimum: bigint): readonly bigint[] {
  const shares: bigint[] = [];
  let rest = total;
  for (let i = 0; i < n; i++) {
    const k = BigInt(n - i);
    const equal = total / BigInt(n) + (BigInt(i) < total % BigInt(n) ? 1n : 0n);
    const lucky =
      k === 1n ? rest : minimum + draw(short("stg/rp/split", L, number(i, 2)), (2n * rest) / k - 2n * minimum + 1n);
    shares.push(kind === 0 ? lucky : equal);
    rest -= shares[i]!;
  }
  for (let i = n - 1; i >= 1; i--) {
    const j = Number(draw(short("stg/rp/shuf", L, number(i, 2)), BigInt(i + 1)));
    const kept = shares[i]!;
    shares[i] = shares[j]!;
    shares[j] = kept;
  }
  return shares;
}

/** 5.3: the leaf under the root of a header. */
function isUnder(root: Uint8Array, leafIndex: number, leaf: Uint8Array, proof: Uint8Array): boolean {
  if (proof[0] !== 3 || Number(read(proof.slice(1, 6))) !== leafIndex) return false;
  let at = 38;
  const climb = (from: Uint8Array, position: number, levels: number, mask: bigint): Uint8Array => {
    let node = from;
    for (let level = 0; level < levels; level++) {
      const isPresent = ((mask >> BigInt(level)) & 1n) === 1n;
      const sibling = isPresent ? proof.slice(at, (at += 32)) : new Uint8Array(32);
      const isLeft = Math.floor(position / 2 ** level) % 2 === 0;
      node = sha256(Uint8Array.of(1), isLeft ? node : sibling, isLeft ? sibling : node);
    }
    return node;
  };
  const scan = proof.slice(6, at);
  const inner = climb(leaf, leafIndex % 128, 7, BigInt(proof[at++]!));
  const tile = sha256(Uint8Array.of(2), scan, inner);
  const mask = read(proof.slice(at, (at += 5)));
  return same(climb(tile, Math.floor(leafIndex / 128), 33, mask), root) && at === proof.length;
}

/** What does not hold, by the names of the other check. */
export function independentFaults(bytes: DrawBytes): readonly string[] {
  const { packet, headers, linkSecret: L } = bytes;
  const faults: string[] = [];
  const check = (name: string, held: boolean): void => {
    if (!held) faults.push(name);
  };
  const n = packet[99]!;
  const Q = packet.slice(67, 99);
  const proofAt = 310 + 40 * n;
  const commitment = (slot: number): Uint8Array => packet.slice(310 + 32 * slot, 342 + 32 * slot);
  const masked = (slot: number): Uint8Array => packet.slice(310 + 32 * n + 8 * slot, 318 + 32 * n + 8 * slot);

  // Fields: paid 8, closing 1, used, pending; a claim of mode 0 or 1 has 254 bytes.
  const paid = read(bytes.before.slice(0, 8));
  const usedEnd = 10 + 64 * bytes.before[9]!;
  const pending = Array.from({ length: bytes.before[usedEnd]! }, (_, index) => {
    const at = usedEnd + 1 + 262 * index;
    return { height: read(bytes.before.slice(at, at + 8)), claim: bytes.before.slice(at + 8, at + 262) };
  });
  const h = read(headers[0]!.slice(5, 13));
  const state = short(
    "stg/lstate",
    bytes.before.slice(0, 8),
    bytes.before.slice(8, 9),
    bytes.before.slice(10, usedEnd),
    bytes.before.slice(usedEnd + 1),
  );
  const outHash = short("stg/out", join(packet.slice(0, proofAt), sha256(packet.slice(proofAt))));
  const place = join(Uint8Array.of(0), number(bytes.packetLeaf, 8), number(bytes.packetHeight, 8));
  const leaf = sha256(place, outHash, state);
  const heights = headers.map((header) => read(header.slice(5, 13)) - h);
  const isInRow = heights.every((height, index) => height === BigInt(index));
  check("packet_included", isInRow && isUnder(headers[1]!.slice(128, 160), bytes.packetLeaf, leaf, bytes.beforeProof));

  const claims = pending.filter(({ height }) => height === h).map(({ claim }) => claim);
  const isSigned = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    const challenge = scalar("stg/sig", signature.slice(0, 32), key, message);
    const left = times(G, read(signature.slice(32)));
    return left.equals(
      ristretto255.Point.fromBytes(signature.slice(0, 32)).add(times(ristretto255.Point.fromBytes(key), challenge)),
    );
  };
  const message = (claim: Uint8Array): Uint8Array => short("stg/claim", claim.slice(0, 126));
  const isAuthorised = (claim: Uint8Array): boolean =>
    claim[6] === packet[100] &&
    isSigned(Q, message(claim), claim.slice(126, 190)) &&
    isSigned(claim.slice(12, 44), message(claim), claim.slice(190, 254));
  check("claims_authorised", claims.every(isAuthorised));

  if (L !== undefined) {
    check("link_fits", same(times(G, scalar("stg/rp/q", L)).toBytes(), Q));
    const amounts = Array.from({ length: n }, (_, slot) =>
      read(masked(slot).map((byte, index) => byte ^ tagged("stg/rp/a", L, number(slot, 2))[index]!)),
    );
    const opens = amounts.map((amount, slot) => {
      const point = times(G, scalar("stg/rp/z", L, number(slot, 2))).add(times(H, amount));
      return amount < 2n ** 53n && same(point.toBytes(), commitment(slot));
    });
    check("shares_open", !opens.includes(false));
    const greeting = chacha20poly1305(short("stg/rp/g", L), new Uint8Array(12), Q).decrypt(packet.slice(150, 310));
    const total = amounts.reduce((sum, amount) => sum + amount, 0n);
    const isKept =
      greeting[0] === 2 || split(L, greeting[0]!, total, n, read(greeting.slice(1, 9))).join() === amounts.join();
    check("split_as_promised", !opens.includes(false) && isKept);
  }

  const beacon = headers[2]!.slice(464, 496);
  check("beacon_follows", same(short("stg/beacon", headers[1]!.slice(464, 496), headers[2]!.slice(496)), beacon));

  const left = Array.from({ length: n }, (_, slot) => slot).filter((slot) => ((paid >> BigInt(slot)) & 1n) === 0n);
  const ranked = claims.map((claim) => ({ claim, rank: Buffer.from(short("stg/rp/ord", beacon, message(claim))) }));
  ranked.sort((one, other) => Buffer.compare(one.rank, other.rank));
  const coins = ranked.map(({ claim }) => {
    const at = Number(draw(short("stg/rp/slot", beacon, message(claim)), BigInt(left.length)));
    const slot = left[at]!;
    left.splice(at, 1);
    const keys = join(claim.slice(12, 44), commitment(slot), claim.slice(44, 76), masked(slot), claim.slice(94, 110));
    return join(Uint8Array.of(5), keys, claim.slice(76, 94), number(bytes.packetLeaf, 5), Uint8Array.of(slot));
  });
  const isDrawn =
    coins.length === bytes.drawn.length &&
    coins.every((coin, index) => same(short("stg/out", coin), bytes.drawn[index]!));
  check("slots_as_drawn", isDrawn);
  return faults;
}
