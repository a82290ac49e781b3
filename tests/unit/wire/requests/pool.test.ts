import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import type { CoinCore } from "../../../../src/core/chain/output.ts";
import { TX_OUTPUTS_MAX } from "../../../../src/core/params/limits.ts";
import {
  POOL_FRAME_BYTES_MAX,
  POOL_STREAMS_PER_PEER_MAX,
  REQUEST_FRAME_BYTES_MAX,
} from "../../../../src/wire/limits.ts";
import type { PoolItem, PoolOutput } from "../../../../src/core/sync/pool-item.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import {
  decodePoolItem,
  decodePoolRequest,
  encodePoolItem,
  encodePoolRequest,
} from "../../../../src/wire/requests/pool.ts";
import { bytesArb, coreArb, hashArb } from "../../../support/chain-arbitraries.ts";
import { codecContract } from "../../../support/codec-contract.ts";

const coinArb = coreArb.filter((core): core is CoinCore => core.type === "coin");
const outputArb: fc.Arbitrary<PoolOutput> = fc.record({ core: coinArb, payload: bytesArb(512) });
const itemArb: fc.Arbitrary<PoolItem> = fc.oneof(
  fc.record({ notice: fc.constant("new" as const), txid: hashArb, outputs: fc.array(outputArb, { maxLength: 3 }) }),
  fc.record({ notice: fc.constantFrom("dropped" as const, "included" as const), txid: hashArb }),
);

codecContract("pool request", {
  encode: encodePoolRequest,
  decode: decodePoolRequest,
  arbitrary: fc.constant(undefined),
});

codecContract("pool item", { encode: encodePoolItem, decode: decodePoolItem, arbitrary: itemArb });

describe("an item of the pool stream", () => {
  const [coin] = fc.sample(outputArb, { numRuns: 1, seed: 3 });
  const [other] = fc.sample(
    coreArb.filter(({ type }) => type === "public"),
    { numRuns: 1, seed: 3 },
  );
  const [txid] = fc.sample(hashArb, { numRuns: 1, seed: 3 });
  const item = encodePoolItem({ notice: "new", txid: txid!, outputs: [coin!] });

  it("[NW-13] is flags, txid, count and per coin 203 bytes of core and 512 of payload", () => {
    expect(item.length).toBe(1 + 1 + 32 + 1 + 203 + 512);
    expect([...item.subarray(0, 2), item[34]]).toEqual([1, 0, 1]);
    expect(encodePoolItem({ notice: "dropped", txid: txid! })).toEqual(Uint8Array.of(1, 1, ...txid!, 0));
    expect(encodePoolItem({ notice: "included", txid: txid! })).toEqual(Uint8Array.of(1, 2, ...txid!, 0));
  });

  it("[NW-13] has outputs only where it is new, and coins only", () => {
    for (const flag of [1, 2, 3, 255]) {
      const bent = item.slice();
      bent[1] = flag;
      expect(() => decodePoolItem(bent)).toThrow(DecodeError);
    }
    const wrong = { core: other as unknown as CoinCore, payload: new Uint8Array(512) };
    expect(() => decodePoolItem(encodePoolItem({ notice: "new", txid: txid!, outputs: [wrong] }))).toThrow(DecodeError);
  });

  it("[EN-3] holds as many coins as a transaction and no more", () => {
    const full = Array.from({ length: TX_OUTPUTS_MAX }, () => coin!);
    const largest = encodePoolItem({ notice: "new", txid: txid!, outputs: full });
    expect(decodePoolItem(largest)).toMatchObject({ outputs: full });
    expect(largest.length).toBeLessThan(POOL_FRAME_BYTES_MAX);
    expect(() => encodePoolItem({ notice: "new", txid: txid!, outputs: [...full, coin!] })).toThrow(RangeError);
    const bent = Uint8Array.of(...largest, ...largest.subarray(-715));
    bent[34] = TX_OUTPUTS_MAX + 1;
    expect(() => decodePoolItem(bent)).toThrow(DecodeError);
  });

  it("POOL_FRAME_BYTES_MAX and POOL_STREAMS_PER_PEER_MAX bound what each side takes", () => {
    expect(PROTOCOL.pool.asked.frameBytesMax).toBe(POOL_FRAME_BYTES_MAX);
    expect(PROTOCOL.pool.served.frameBytesMax).toBe(REQUEST_FRAME_BYTES_MAX);
    expect(PROTOCOL.pool.served.streamsPerPeerMax).toBe(POOL_STREAMS_PER_PEER_MAX);
    const over = new Uint8Array(POOL_FRAME_BYTES_MAX + 1);
    over[0] = 1;
    expect(() => decodePoolItem(over)).toThrow(`frame of ${over.length} bytes`);
    expect(() => decodePoolItem(over.subarray(1))).not.toThrow(`frame of ${over.length - 1} bytes`);
    expect(() => decodePoolRequest(new Uint8Array(REQUEST_FRAME_BYTES_MAX + 1))).toThrow(/^frame of 129 bytes/);
  });
});
