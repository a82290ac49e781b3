import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../../src/core/bytes/compare-bytes.ts";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { buildKernel } from "../../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { KERNEL_NAMES } from "../../../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { openBackend } from "../../../../src/core/crypto/backend/open-backend.ts";
import { deriveTags, payloadTagOf, viewTagOf } from "../../../../src/core/crypto/output-keys.ts";
import { taggedHash } from "../../../../src/core/crypto/tagged-hash.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { buildOwnCoin, buildPaidCoin, derivePayment } from "../../../../src/core/wallet/output-secrets.ts";
import { scanOutputs } from "../../../../src/core/wallet/scan-hits.ts";
import { scanTags } from "../../../../src/core/wallet/scan-tags.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { curve, owner, payee } from "../../../support/wallet-vectors.ts";

const random = seededRandom("scan tags");
const to = deriveAddress(curve, payee.view, 3);
const payment = derivePayment(curve, to, amount(5n), random.bytes(32))!;
const entries = [
  { ephemeralKey: random.bytes(32), viewTag: random.bytes(2) },
  ...[0, 1, 2].map((n) => buildPaidCoin(curve, payment, to, amount(5n), n).fields),
  { ephemeralKey: payment.ephemeralKey, viewTag: random.bytes(2) },
  buildOwnCoin(curve, payee.view.viewAllSecret, random.bytes(32), to, amount(9n), 3).fields,
  // Anybody can compute the tags of ss = 0.
  { ephemeralKey: new Uint8Array(32), viewTag: viewTagOf(deriveTags(new Uint8Array(32), new Uint8Array(32)), 0) },
  buildPaidCoin(curve, payment, to, amount(5n), 3).fields,
];
const jobOf = (list: readonly { readonly ephemeralKey: Uint8Array; readonly viewTag: Uint8Array }[]) => ({
  ephemeralKeys: concatBytes(...list.map(({ ephemeralKey }) => ephemeralKey)),
  viewTags: concatBytes(...list.map(({ viewTag }) => viewTag)),
});

describe("scanning by view tags alone", () => {
  it("finds what the scan of blocks finds, external and internal", () => {
    const { places } = scanTags(curve, payee.view, structuredClone(jobOf(entries)));
    expect(places).toEqual([1, 2, 3, 5, 7]);
    const tagged = entries.map(({ ephemeralKey, viewTag }) => ({
      ephemeralKey,
      viewTag,
      payloadTag: new Uint8Array(16),
    }));
    const { coins } = scanOutputs(curve, payee.view, tagged);
    expect([...new Set(coins.map(({ index }) => index))].sort((left, right) => left - right)).toEqual(places);
    expect(scanTags(curve, owner.view, jobOf(entries)).places).toEqual([]);
  });

  it("[NW-7] finds payloads by their own tags, in outputs that are not ours as well, where it is given them", () => {
    const tags = deriveTags(payment.sharedSecret, payment.ephemeralKey);
    const payloadTags = entries.map((_, index) => (index === 4 ? payloadTagOf(tags, 2) : random.bytes(16)));
    const job = { ...jobOf(entries), payloadTags: concatBytes(...payloadTags) };
    expect(scanTags(curve, payee.view, structuredClone(job)).places).toEqual([1, 2, 3, 4, 5, 7]);
    const tagged = entries.map((entry, index) => ({ ...entry, payloadTag: payloadTags[index]! }));
    const { payloads } = scanOutputs(curve, payee.view, tagged);
    expect(payloads).toMatchObject([{ index: 4, np: 2 }]);
  });

  it("of nothing is nothing, and halves of a job are a mistake", () => {
    expect(scanTags(curve, payee.view, jobOf([]))).toEqual({ places: [] });
    expect(() => scanTags(curve, payee.view, { ...jobOf(entries), viewTags: new Uint8Array(2) })).toThrow(RangeError);
  });

  it.each(["noble", KERNEL_NAMES[0]] as const)(
    "[OU-5] [PR-4] finds what 2.3 read word by word finds, whatever is planted, with %s",
    async (name) => {
      const fast = await openBackend(buildKernel, name);
      const { viewAllSecret: _, ...received } = payee.view;
      fc.assert(
        fc.property(fc.array(plan, { maxLength: 12 }), fc.constantFrom(payee.view, received), (plans, view) => {
          const outputs = plant(plans);
          const { coins, payloads } = plainScan(view, outputs);
          const found = scanOutputs(fast, view, outputs);
          expect(found.coins.map(({ index, origin, n }) => `${index} ${origin} ${n}`).sort()).toEqual(coins);
          expect(found.payloads.map(({ index, np }) => `${index} ${np}`).sort()).toEqual(payloads);
          const payloadTags = concatBytes(...outputs.map(({ payloadTag }) => payloadTag));
          expect(scanTags(fast, view, jobOf(outputs)).places).toEqual(placesOf(coins));
          expect(scanTags(fast, view, { ...jobOf(outputs), payloadTags }).places).toEqual(
            placesOf([...coins, ...payloads]),
          );
        }),
        { numRuns: runs(100, 10_000) },
      );
    },
  );
});

interface Planted {
  readonly ephemeralKey: Uint8Array;
  readonly viewTag: Uint8Array;
  readonly payloadTag: Uint8Array;
}

/** Where an output gets its D from: the one before it, or the first, or one that gives the same ss or none. */
const KEY_KINDS = ["fresh", "before", "first", "highest bit turned", "small order"] as const;
/** What is written into its tags, from the external tags of D, the internal ones and those of ss = 0. */
const TAG_KINDS = {
  strange: () => ({}),
  external: (external, _internal, _zero, n) => ({ viewTag: viewTagOf(external, n) }),
  internal: (_external, internal, _zero, n) => ({ viewTag: viewTagOf(internal, n) }),
  "external, last byte wrong": (external, _internal, _zero, n) => ({ viewTag: spoil(viewTagOf(external, n), 1) }),
  "internal, first byte wrong": (_external, internal, _zero, n) => ({ viewTag: spoil(viewTagOf(internal, n), 0) }),
  "between two view tags": (external, _internal, _zero, n) => ({ viewTag: external.slice(2 * n + 1, 2 * n + 3) }),
  "behind the view tags": (external, _internal, _zero, n) => ({ viewTag: external.slice(2 * n + 8, 2 * n + 10) }),
  payload: (external, _internal, _zero, n) => ({ payloadTag: payloadTagOf(external, n % 3) }),
  "payload and coin": (external, internal, _zero, n) => {
    return { viewTag: viewTagOf(internal, n), payloadTag: payloadTagOf(external, n % 3) };
  },
  "payload, a byte wrong": (external, _internal, _zero, n) => {
    return { payloadTag: spoil(payloadTagOf(external, n % 3), 5 * n) };
  },
  "payload under the internal tags": (_external, internal, _zero, n) => ({ payloadTag: payloadTagOf(internal, n % 3) }),
  "between two payload tags": (external, _internal, _zero, n) => ({ payloadTag: external.slice(n + 9, n + 25) }),
  "of no secret": (_external, _internal, zero, n) => {
    return { viewTag: viewTagOf(zero, n), payloadTag: payloadTagOf(zero, n % 3) };
  },
} satisfies Record<
  string,
  (external: Uint8Array, internal: Uint8Array, zero: Uint8Array, n: number) => Partial<Planted>
>;

const plan = fc.record({
  key: fc.constantFrom(...KEY_KINDS),
  tags: fc.constantFrom(...Object.values(TAG_KINDS)),
  n: fc.nat(3),
  seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});
const smallOrder = vectors.x25519.cases.filter(({ mine_possible }) => !mine_possible).map(({ D }) => hexBytes(D));

function plant(plans: readonly (typeof plan extends fc.Arbitrary<infer Plan> ? Plan : never)[]): readonly Planted[] {
  const planted: Planted[] = [];
  for (const { key, tags, n, seed } of plans) {
    const before = planted.at(-1)?.ephemeralKey ?? seed;
    const ephemeralKey = {
      fresh: seed,
      before,
      first: planted[0]?.ephemeralKey ?? seed,
      "highest bit turned": spoil(before, 31, 0x80),
      "small order": smallOrder[seed[0]! % smallOrder.length]!,
    }[key];
    const secret = curve.x25519Batch(payee.view.viewSecret, ephemeralKey);
    const made = tags(
      taggedHash("stg/tags", secret, ephemeralKey),
      taggedHash("stg/tags", payee.view.viewAllSecret, ephemeralKey),
      taggedHash("stg/tags", new Uint8Array(32), ephemeralKey),
      n,
    );
    planted.push({ ephemeralKey, viewTag: seed.slice(0, 2), payloadTag: seed.slice(0, 16), ...made });
  }
  return planted;
}

function spoil(bytes: Uint8Array, at: number, bits = 1): Uint8Array {
  const changed = bytes.slice();
  changed[at]! ^= bits;
  return changed;
}

/** Steps 1 to 3 of 2.3 as they stand there, output by output. */
function plainScan(
  view: { readonly viewSecret: Uint8Array; readonly viewAllSecret?: Uint8Array },
  outputs: readonly Planted[],
): { readonly coins: readonly string[]; readonly payloads: readonly string[] } {
  const coins: string[] = [];
  const payloads: string[] = [];
  outputs.forEach(({ ephemeralKey, viewTag, payloadTag }, index) => {
    const shared = curve.x25519Batch(view.viewSecret, ephemeralKey);
    const external = shared.some((byte) => byte > 0) ? taggedHash("stg/tags", shared, ephemeralKey) : undefined;
    const internal = view.viewAllSecret && taggedHash("stg/tags", view.viewAllSecret, ephemeralKey);
    for (const [origin, tags] of Object.entries({ external, internal })) {
      for (const n of [0, 1, 2, 3]) {
        if (tags !== undefined && equalBytes(tags.slice(2 * n, 2 * n + 2), viewTag))
          coins.push(`${index} ${origin} ${n}`);
      }
    }
    for (const np of [0, 1, 2]) {
      const isHit = external !== undefined && equalBytes(external.slice(8 + 16 * np, 24 + 16 * np), payloadTag);
      if (isHit) payloads.push(`${index} ${np}`);
    }
  });
  return { coins: coins.sort(), payloads: payloads.sort() };
}

function placesOf(hits: readonly string[]): readonly number[] {
  return [...new Set(hits.map((hit) => Number(hit.split(" ")[0])))].sort((left, right) => left - right);
}
