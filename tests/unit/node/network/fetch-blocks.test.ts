import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { encodeBlock, type Block } from "../../../../src/core/chain/block.ts";
import type { Certificate } from "../../../../src/core/chain/certificate.ts";
import type { FrameStream, NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { height } from "../../../../src/core/values/height.ts";
import { RequestError } from "../../../../src/net/requests/request.ts";
import { fetchBlocks, fetchFault } from "../../../../src/node/network/fetch-blocks.ts";
import { END_FRAME, ERROR_CODE } from "../../../../src/wire/frame.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { encodeBlockItem } from "../../../../src/wire/requests/block.ts";
import { encodeHdrItem } from "../../../../src/wire/requests/hdr.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { eventually } from "../../../support/eventually.ts";

const COUNT = 4;

describe("fetching blocks", () => {
  const chain: { readonly block: Block; readonly certificate: Certificate }[] = [];
  const builder = new LedgerBuilder({ label: "fetch blocks" });
  for (let count = 0; count < COUNT; count++) {
    const block = builder.build([]);
    const outcome = builder.execute(block);
    if (!outcome.ok) throw new Error(outcome.rule);
    chain.push({ block, certificate: builder.commit(outcome) });
  }
  const headerFrames = chain.map(({ block, certificate }) => {
    return encodeHdrItem({ header: block.header, certificate, nextValidators: undefined });
  });
  const blockFrames = chain.map(({ block }) => encodeBlockItem(encodeBlock(block)));
  let node: NetworkPort;
  let peer: NetworkPort;
  beforeEach(async () => {
    const network = new FakeNetwork();
    [node, peer] = [network.join("node"), network.join("peer")];
    await node.dial("/fake/peer", 1_000);
  });
  afterEach(() => Promise.all([node.stop(), peer.stop()]));

  type Answer = (stream: FrameStream) => Promise<void>;
  const send =
    (frames: readonly Uint8Array[]): Answer =>
    async (stream) => {
      for (const frame of frames) await stream.send(frame);
    };
  const serve = async (hdr: Answer, block: Answer): Promise<void> => {
    await peer.serve(PROTOCOL.hdr.name, PROTOCOL.hdr.served, hdr);
    await peer.serve(PROTOCOL.block.name, PROTOCOL.block.served, block);
  };
  const fetch = (patienceMs?: number) => fetchBlocks(node, "peer", height(1), COUNT, patienceMs);
  const heightsOf = (blocks: Awaited<ReturnType<typeof fetch>>) => blocks.map(({ block }) => block.header.height);

  it("[CO-19] brings blocks with their certificates", async () => {
    await serve(send([...headerFrames, END_FRAME]), send([...blockFrames, END_FRAME]));
    expect(heightsOf(await fetch())).toEqual([1, 2, 3, 4]);
  });

  it("[CO-19] keeps what came before a stream broke, before a malformed frame and before another block", async () => {
    const breaking: Answer = async (stream) => {
      await send(blockFrames.slice(0, 2))(stream);
      await new Promise((resolve) => setTimeout(resolve, 5));
      stream.abort("gone");
    };
    for (const answer of [
      breaking,
      send([...blockFrames.slice(0, 2), Uint8Array.of(1, 2, 3)]),
      send([...blockFrames.slice(0, 2), blockFrames[0]!]),
    ]) {
      await serve(send([...headerFrames, END_FRAME]), answer);
      expect(heightsOf(await fetch())).toEqual([1, 2]);
    }
    await serve(send(headerFrames.slice(0, 3)), send([...blockFrames, END_FRAME]));
    expect(heightsOf(await fetch())).toEqual([1, 2, 3]);
  });

  it("[NW-16] ends with its patience, however the peer drips, and what came by then counts", async () => {
    const drip: Answer = async (stream) => {
      for (const frame of blockFrames) {
        await stream.send(frame);
        await new Promise((resolve) => setTimeout(resolve, 80));
      }
    };
    await serve(send([...headerFrames, END_FRAME]), drip);
    // Where the machine stands still nothing comes in time.
    const blocks = await eventually(() => fetch(120));
    expect(blocks.length).toBeLessThan(COUNT);
  });

  it("[NW-16] says whose fault it was that nothing came", async () => {
    const silent: Answer = (stream) => stream.closed;
    const faultOf = (patienceMs?: number) => fetch(patienceMs).then(() => undefined, fetchFault);
    await serve(silent, silent);
    expect(await faultOf(50)).toBe("empty_promise");
    await serve(send([Uint8Array.of(1, 2, 3)]), silent);
    expect(await faultOf()).toBe("malformed_answer");
    const gone: Answer = (stream) => {
      stream.abort("gone");
      return Promise.resolve();
    };
    await serve(gone, silent);
    expect(await faultOf()).toBeUndefined();
    await serve(send([END_FRAME]), silent);
    expect(await fetch()).toEqual([]);
    expect(fetchFault(new DecodeError("x"))).toBe("malformed_answer");
    const refused = (code: number) => fetchFault(new RequestError("refused", "", { code, text: "" }));
    expect(refused(ERROR_CODE.internal)).toBe("empty_promise");
    // Blocks leave the disk of honest nodes with age (5.5).
    expect(refused(ERROR_CODE.unavailable)).toBeUndefined();
    expect(refused(ERROR_CODE.busy)).toBeUndefined();
  });
});
