import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import type { BlockView } from "../../../../src/api/explorer.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { blockId } from "../../../../src/core/chain/header.ts";
import { transactionId } from "../../../../src/core/chain/transaction.ts";
import type { FrameStream } from "../../../../src/core/ports/network-port.ts";
import { formatAddress } from "../../../../src/core/values/address.ts";
import { SEARCH_STRETCHES } from "../../../../src/engine/services/explorer.ts";
import { decodeBlocksRequest } from "../../../../src/wire/requests/block.ts";
import { ClientWorld, SERVERS } from "../../../support/client-world.ts";
import { fakeAddress } from "../../../support/fake-client.ts";
import { home } from "../../../support/ledger-builder.ts";

/** Everything that ever left a client: protocol and bytes. */
interface Sent {
  readonly protocol: string;
  readonly hex: string;
}

/** A fake network that writes down what clients send. */
function tap(world: ClientWorld): Sent[] {
  const sent: Sent[] = [];
  const join = world.network.join.bind(world.network);
  world.network.join = (name: string): ReturnType<typeof join> => {
    const port = join(name);
    if (SERVERS.includes(name)) return port;
    const openStream = port.openStream.bind(port);
    port.openStream = async (peer, protocol, limits): Promise<FrameStream> => {
      const stream = await openStream(peer, protocol, limits);
      const send = stream.send.bind(stream);
      stream.send = (frame: Uint8Array) => {
        sent.push({ protocol, hex: formatHex(frame) });
        return send(frame);
      };
      return stream;
    };
    return port;
  };
  return sent;
}

let world: ClientWorld;
afterEach(() => world.close());

/** A chain of so many blocks with a public payment in one of them, and a client that follows it. */
async function open(blockCount: number, publicAt = 2): Promise<Sent[]> {
  world = new ClientWorld();
  await world.serve();
  const { server } = world;
  for (let at = 1; at <= blockCount; at++) {
    const { ledger } = server;
    if (at !== publicAt) {
      server.extend();
      continue;
    }
    const [note] = ledger.notes;
    const fee = ledger.fee([ledger.publicCoin(1n).output], 1);
    server.extend([ledger.transferInto([note!], [ledger.publicCoin(note!.amount - fee)]).transaction]);
  }
  const sent = tap(world);
  await world.open();
  await world.client!.accounts.create();
  await world.live();
  return sent;
}

const explorer = () => world.client!.explorer;
const publicTransaction = () => world.server.blocks.flatMap((block) => block?.transactions ?? [])[0]!;

async function shown(at: number): Promise<BlockView> {
  const result = await explorer().block(at);
  if (!result.ok) throw new Error(result.code);
  return result.block;
}

/** Explorer's own questions: what the client asks for the sake of its chain goes on beside them. */
const lookups = (sent: readonly Sent[]): readonly string[] => {
  return sent.filter(({ protocol }) => protocol === "block").map(({ hex }) => hex);
};

describe("a block to look at", () => {
  it("is shown with its public payments, tied to the chain that this device trusts", async () => {
    await open(5);
    const { header } = world.server.blocks[1]!;
    const block = await shown(2);
    expect(block).toMatchObject({
      height: 2,
      id: formatHex(blockId(header)),
      timeMs: header.time,
      isVerified: true,
      paid: [],
      evidenceCount: 0,
    });
    const [transaction] = block.transactions;
    expect(transaction).toMatchObject({
      txid: formatHex(transactionId(publicTransaction())),
      kind: "transfer",
      inputCount: 1,
      outputs: [{ type: "public", recipient: formatAddress(home, "dev") }],
    });
    expect(block.raw.find(({ name }) => name === "txs_root")?.value).toBe(formatHex(header.txsRoot));
    expect((await shown(3)).transactions).toEqual([]);
  });

  it("shows of a private payment that it is one, and nothing else", async () => {
    await open(3, 0);
    world.pay(await world.client!.accounts.address({ fresh: false }), 5n);
    await world.live();
    const [transaction] = (await shown(4)).transactions;
    expect(transaction!.outputs.length).toBeGreaterThan(0);
    for (const output of transaction!.outputs) expect(output).toEqual({ type: "private" });
  });

  it("[NW-20] is read with all the others around it: two blocks of a stretch give the same requests", async () => {
    const first = await open(9);
    await shown(2);
    const forFirst = lookups(first);
    await world.close();
    const second = await open(9);
    await shown(8);
    expect(lookups(second)).toEqual(forFirst);
    const asked = forFirst.map((hex) => decodeBlocksRequest(Uint8Array.from(Buffer.from(hex, "hex"))));
    expect(asked[0]!.from).toBe(1);
    expect(asked.reduce((sum, { count }) => sum + count, 0)).toBe(255);
  });

  it("is looked at again without asking anybody", async () => {
    const sent = await open(4);
    await shown(2);
    const before = lookups(sent).length;
    await shown(2);
    await shown(3);
    expect(lookups(sent)).toHaveLength(before);
  });

  it("says why it cannot be shown", async () => {
    await open(4);
    const { blocks } = world.server;
    expect(await explorer().block(0)).toEqual({ ok: false, code: "not_made" });
    expect(await explorer().block(10_000)).toEqual({ ok: false, code: "not_made" });
    for (let index = 0; index < blocks.length; index++) blocks[index] = undefined;
    expect(await explorer().block(2)).toEqual({ ok: false, code: "gone" });
    world.server.isSilent = true;
  });

  it("[BL-2] is taken from nobody who bends it", async () => {
    await open(4);
    const { blocks } = world.server;
    const honest = [...blocks];
    const lies = [
      { ...honest[1]!, transactions: [] },
      { ...honest[1]!, header: { ...honest[1]!.header, pot: 1n } },
      { ...honest[3]!, header: { ...honest[3]!.header, pot: 1n } },
    ];
    for (const lie of lies) {
      blocks.splice(0, blocks.length, ...honest);
      blocks[lie.header.height - 1] = lie;
      expect(await explorer().block(2)).toEqual({ ok: false, code: "offline" });
    }
  });
});

describe("a search", () => {
  const NOTHING = { ok: true, hits: [], problem: undefined };

  it("finds a public payment by its address, a transaction and a block by id, a block by height", async () => {
    await open(5);
    const txid = formatHex(transactionId(publicTransaction()));
    const { header } = world.server.blocks[1]!;
    const payment = publicTransaction();
    if (payment.kind !== "transfer" || payment.outputs[0]?.core.type !== "public") throw new Error("not public");
    expect(await explorer().search(formatAddress(home, "dev"), 0)).toMatchObject({
      hits: [{ type: "payment", height: 2, txid, amount: payment.outputs[0].core.amount }],
      from: 1,
      to: 5,
    });
    expect(await explorer().search(txid.toUpperCase(), 0)).toMatchObject({
      hits: [{ type: "transaction", height: 2, txid, timeMs: header.time }],
    });
    expect(await explorer().search(` ${formatHex(blockId(header))} `, 0)).toMatchObject({
      hits: [{ type: "block", height: 2 }],
    });
    expect(await explorer().search("2", 0)).toMatchObject({ hits: [{ type: "block", height: 2 }] });
    expect(await explorer().search("ee".repeat(32), 0)).toMatchObject(NOTHING);
    expect(await explorer().search(fakeAddress(3), 0)).toMatchObject(NOTHING);
  });

  it("[NW-20] sends the same bytes whatever is sought and whether it is there, and never what was typed", async () => {
    const queries = [
      () => formatAddress(home, "dev"),
      () => fakeAddress(7),
      () => formatHex(transactionId(publicTransaction())),
      () => "ab".repeat(32),
      () => formatHex(blockId(world.server.blocks[3]!.header)),
    ];
    const seen = new Set<string>();
    for (const query of queries) {
      const sent = await open(6);
      const text = query();
      await explorer().search(text, 0);
      seen.add(JSON.stringify(lookups(sent)));
      expect(lookups(sent).length).toBeGreaterThan(0);
      const needles = [text, text.slice(0, 16), formatHex(new TextEncoder().encode(text)), formatHex(home.spendKey)];
      for (const { hex } of sent) for (const needle of needles) expect(hex).not.toContain(needle.toLowerCase());
      await world.close();
    }
    expect(seen.size).toBe(1);
  });

  it("[NW-20] asks nobody for a height or for what nobody could find", async () => {
    const sent = await open(4);
    for (const text of ["3", "", "x", "zz".repeat(32), "9".repeat(300), "1,234,567"]) await explorer().search(text, 0);
    expect(lookups(sent)).toEqual([]);
    expect(await explorer().search("x", 0)).toEqual({ ok: false, code: "not_a_query" });
    expect(await explorer().search("9".repeat(300), 0)).toEqual({ ok: false, code: "not_a_query" });
    expect(await explorer().search("900", 0)).toMatchObject({ hits: [], problem: "not_made" });
  });

  it("looks at what is known when nobody answers, and says so", async () => {
    await open(5);
    const query = formatAddress(home, "dev");
    await explorer().search(query, 0);
    world.server.extend();
    await world.live();
    world.server.blocks[0] = { ...world.server.blocks[0]!, transactions: [publicTransaction()] };
    expect(await explorer().search(query, 0)).toMatchObject({ hits: [{ height: 2 }], to: 5, problem: "offline" });
  });

  it("reads all of its span, and goes on below it only when told to", async () => {
    const sent = await open(5);
    await explorer().search("cd".repeat(32), 0);
    const before = lookups(sent).length;
    expect(await explorer().search("cd".repeat(32), 1)).toMatchObject({ problem: "gone" });
    expect(lookups(sent)).toHaveLength(before);
    expect(SEARCH_STRETCHES * 256).toBe(1_024);
  });
});
