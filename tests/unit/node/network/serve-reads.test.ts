import { beforeEach, describe, expect, it } from "vitest";
import { EMPTY_CERTIFICATE, encodeCertificate } from "../../../../src/core/chain/certificate.ts";
import { encodeHeader } from "../../../../src/core/chain/header.ts";
import type { FullNodeStore } from "../../../../src/core/ports/full-node-store.ts";
import type { NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { height, type Height } from "../../../../src/core/values/height.ts";
import { requestOne, requestStream } from "../../../../src/net/requests/request.ts";
import { serveReads, type ReadSource } from "../../../../src/node/network/serve-reads.ts";
import { ERROR_CODE } from "../../../../src/wire/frame.ts";
import { PROTOCOL, type Protocol } from "../../../../src/wire/protocols.ts";
import { encodeCompactRequest } from "../../../../src/wire/requests/compact.ts";
import { decodeHdrItem, encodeHdrRequest } from "../../../../src/wire/requests/hdr.ts";
import { encodeStatus } from "../../../../src/wire/requests/status.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

const builder = new LedgerBuilder({ label: "serve reads" });
builder.extend();
const { header, blockId, chain } = builder.tip;
const STATUS = {
  chainId: chain.chainId,
  genesis: chain.genesisHash,
  height: header.height,
  blockId,
  oldestBlock: height(0),
};

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

describe("what a node answers", () => {
  let client: NetworkPort;
  let listeners: Set<() => void>;
  let tipHeight: Height;
  let isOurChain: boolean;
  let readHeights: number[];
  let readHeader: () => Promise<Uint8Array>;

  beforeEach(async () => {
    const network = new FakeNetwork();
    const server = network.join("server");
    client = network.join("client");
    listeners = new Set();
    tipHeight = header.height;
    isOurChain = true;
    readHeights = [];
    readHeader = () => Promise.resolve(encodeHeader(header));
    const store = {
      header: (at: Height) => {
        readHeights.push(at);
        return readHeader();
      },
      certificate: () => Promise.resolve(encodeCertificate(EMPTY_CERTIFICATE)),
      boundaries: (from: Height, countMax: number) =>
        Promise.resolve([0, 3_000, 6_000, 9_000, 12_000].filter((at) => at >= from).slice(0, countMax)),
    } as unknown as FullNodeStore;
    const source: ReadSource = {
      store,
      status: () => ({ ...STATUS, height: tipHeight }),
      knownAddresses: () => [],
      onBlock: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      statusReceived: () => isOurChain,
    };
    await serveReads(server, source);
    await client.dial("/fake/server", 100);
  });

  const refusalOf = (protocol: Protocol, frame: Uint8Array): Promise<unknown> =>
    requestOne(client, "server", protocol.name, protocol.asked, frame, 1_000).catch((error: unknown) => error);

  it("[NW-1] a reader of the compact stream that leaves while it waits is forgotten", async () => {
    const { name, asked } = PROTOCOL.compact;
    for (const from of [tipHeight + 1, Number.MAX_SAFE_INTEGER]) {
      const stream = await client.openStream("server", name, asked);
      await stream.send(encodeCompactRequest({ from: height(from), isFull: true }));
      await pause();
      expect(listeners.size).toBe(1);
      stream.abort("gone");
      await pause();
      expect(listeners.size).toBe(0);
    }
  });

  it("[NW-1] an hdr answer of boundaries reads those alone, none above the tip", async () => {
    tipHeight = height(10_000);
    const { name, asked } = PROTOCOL.hdr;
    const frame = encodeHdrRequest({ from: height(5), count: 4, boundariesOnly: true });
    const times = { firstMs: 5_000 };
    let count = 0;
    for await (const item of requestStream(client, "server", name, asked, frame, times)) {
      expect(decodeHdrItem(item, count === 0).header.height).toBe(header.height);
      count++;
    }
    expect(count).toBe(3);
    expect(readHeights).toEqual([3_000, 6_000, 9_000]);
  });

  it("says why it does not answer: another chain, no message, a fault of its own, and nothing more", async () => {
    isOurChain = false;
    const cases: readonly (readonly [unknown, number])[] = [
      [await refusalOf(PROTOCOL.status, encodeStatus(STATUS)), ERROR_CODE.wrongNetwork],
      [await refusalOf(PROTOCOL.status, Uint8Array.of(1)), ERROR_CODE.malformed],
      [await refusalOf(PROTOCOL.block, Uint8Array.of(9)), ERROR_CODE.malformed],
    ];
    for (const [error, code] of cases) expect(error).toMatchObject({ code: "refused", refusal: { code, text: "" } });
    readHeader = () => Promise.reject(new Error("a secret of the database"));
    expect(
      await refusalOf(PROTOCOL.hdr, encodeHdrRequest({ from: height(1), count: 1, boundariesOnly: false })),
    ).toMatchObject({ code: "refused", refusal: { code: ERROR_CODE.internal, text: "" } });
  });
});
