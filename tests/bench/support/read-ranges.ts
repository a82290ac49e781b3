import { liveLeaves, RANGE_LEAVES, verifyRangeAnswer } from "../../../src/core/state/range-answer.ts";
import { height, type Height } from "../../../src/core/values/height.ts";
import { createNodeHost } from "../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../src/net/host/identity.ts";
import { requestStream } from "../../../src/net/requests/request.ts";
import { RANGE_RANGES_MAX } from "../../../src/wire/limits.ts";
import { PROTOCOL, type Protocol } from "../../../src/wire/protocols.ts";
import { decodeHdrItem, encodeHdrRequest } from "../../../src/wire/requests/hdr.ts";
import { decodeRangeItem, encodeRangesRequest } from "../../../src/wire/requests/range.ts";

const DEV_CHAIN_ID = 1000;
const FIRST_MS = 20_000;
const RETRY_MS = 500;

export interface RangesRead {
  /** Frames of the answers, all of them verified. */
  readonly bytes: number;
  readonly liveOutputs: number;
  readonly ms: number;
}

/** Reads every range at the first boundary above a height from a running node, verifies it and counts. */
export async function readRanges(address: string, above: Height): Promise<RangesRead> {
  const client = await createNodeHost({ chainId: DEV_CHAIN_ID, identity: await generateIdentity(), listen: [] });
  try {
    const server = await client.dial(address, FIRST_MS);
    const ask = ({ name, asked }: Protocol, frame: Uint8Array): AsyncIterable<Uint8Array> => {
      return requestStream(client, server, name, asked, frame, { firstMs: FIRST_MS });
    };
    const boundaries = encodeHdrRequest({ from: height(above + 1), count: 1, boundariesOnly: true });
    for (;;) {
      for await (const item of ask(PROTOCOL.hdr, boundaries)) {
        const { header } = decodeHdrItem(item, true);
        const begun = performance.now();
        const read = await readAll(header.height, header.utxoRoot, Math.ceil(header.nextLeaf / RANGE_LEAVES));
        return { ...read, ms: performance.now() - begun };
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }

    async function readAll(
      boundary: Height,
      root: Parameters<typeof verifyRangeAnswer>[0],
      rangeCount: number,
    ): Promise<Omit<RangesRead, "ms">> {
      let bytes = 0;
      let liveOutputs = 0;
      for (let first = 0; first < rangeCount; first += RANGE_RANGES_MAX) {
        const count = Math.min(RANGE_RANGES_MAX, rangeCount - first);
        const ranges = Array.from({ length: count }, (_, index) => first + index);
        let place = 0;
        for await (const item of ask(PROTOCOL.range, encodeRangesRequest({ boundary, ranges }))) {
          const range = ranges[place++]!;
          const answer = decodeRangeItem(item);
          if (!verifyRangeAnswer(root, range, answer)) throw new Error(`range ${range} is not true`);
          bytes += item.length;
          liveOutputs += liveLeaves(range, answer).leaves.length;
        }
        if (place !== count) throw new Error("an answer was not whole");
      }
      return { bytes, liveOutputs };
    }
  } finally {
    await client.stop();
  }
}
