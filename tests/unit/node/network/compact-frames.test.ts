import { beforeEach, describe, expect, it } from "vitest";
import { EMPTY_CERTIFICATE, encodeCertificate } from "../../../../src/core/chain/certificate.ts";
import { encodeCompactBlock } from "../../../../src/core/chain/compact-block.ts";
import { encodeHeader } from "../../../../src/core/chain/header.ts";
import type { FullNodeStore } from "../../../../src/core/ports/full-node-store.ts";
import { height, leafIndex, type Height } from "../../../../src/core/values/height.ts";
import { CompactFrames } from "../../../../src/node/network/compact-frames.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

const { header } = new LedgerBuilder({ label: "compact frames" }).tip;
const TIP = height(100);

describe("frames of the compact stream", () => {
  let frames: CompactFrames;
  /** Heights whose header was read. */
  let reads: Height[];
  let answer: (at: Height) => Promise<Uint8Array | undefined>;

  beforeEach(() => {
    reads = [];
    answer = (at) => Promise.resolve(encodeHeader({ ...header, height: at }));
    frames = new CompactFrames({
      header: (at: Height) => {
        reads.push(at);
        return answer(at);
      },
      certificate: () => Promise.resolve(encodeCertificate(EMPTY_CERTIFICATE)),
      compact: (at: Height) => {
        const block = { height: at, firstLeaf: leafIndex(0), spent: [], changed: [], entries: [] };
        return Promise.resolve(encodeCompactBlock(block));
      },
    } as unknown as FullNodeStore);
  });

  it("[NW-2] are read once for all who want a new block, in each of its two forms", async () => {
    const wanted = [true, false, true, false, true].map((isFull) => frames.get(TIP, isFull, TIP));
    const [whole, short, ...others] = await Promise.all(wanted);
    expect(others.map((frame) => [whole, short].indexOf(frame))).toEqual([0, 1, 0]);
    expect(reads).toEqual([TIP, TIP]);
    await frames.get(TIP, true, height(TIP + 7));
    expect(reads).toHaveLength(2);
  });

  it("are remembered for the newest heights alone, however many are read", async () => {
    for (let at = 1; at <= TIP; at++) await frames.get(height(at), true, TIP);
    expect(reads).toHaveLength(TIP);
    for (let at = 1; at <= TIP; at++) await frames.get(height(at), true, TIP);
    expect(reads.slice(TIP)).toEqual(Array.from({ length: TIP - 8 }, (_, index) => index + 1));
    for (let tip = TIP + 1; tip <= TIP + 40; tip++) {
      await Promise.all([true, false].map((isFull) => frames.get(height(tip), isFull, height(tip))));
    }
    const before = reads.length;
    await frames.get(TIP, true, height(TIP + 1));
    expect(reads).toHaveLength(before + 1);
  });

  it("are looked for again where there was nothing, or a fault", async () => {
    const [works, drops, fails] = [answer, () => Promise.resolve(undefined), () => Promise.reject(new Error("disk"))];
    answer = drops;
    expect(await frames.get(TIP, true, TIP)).toBeUndefined();
    answer = fails;
    await expect(frames.get(TIP, true, TIP)).rejects.toThrow("disk");
    answer = works;
    expect(await frames.get(TIP, true, TIP)).toBeInstanceOf(Uint8Array);
  });
});
