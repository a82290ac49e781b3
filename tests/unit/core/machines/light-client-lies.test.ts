import { expect, it } from "vitest";
import { viewBalance, viewSync } from "../../../../src/core/machines/light-client-views.ts";
import type { CompactItem, StreamedOutput } from "../../../../src/core/sync/compact-item.ts";
import type { CompactEntry } from "../../../../src/core/chain/compact-block.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

const flipped = <Bytes extends Uint8Array>(bytes: Bytes): Bytes => bytes.map((byte) => byte ^ 1) as Bytes;

function withEntry(item: CompactItem, change: (entry: CompactEntry) => CompactEntry): CompactItem {
  const [first, ...rest] = item.compact.entries;
  return { ...item, compact: { ...item.compact, entries: [change(first!), ...rest] } };
}

function withOutput(item: CompactItem, change: (output: StreamedOutput) => StreamedOutput): CompactItem {
  const [first, ...rest] = item.outputs!;
  return { ...item, outputs: [change(first!), ...rest] };
}

/** What a source of blocks may say of a block with outputs and a spend that is not so. */
const LIES: Readonly<Record<string, (item: CompactItem, before: CompactItem) => CompactItem>> = {
  "a forged signature": (item) => ({
    ...item,
    certificate: { ...item.certificate, signature: flipped(item.certificate.signature) },
  }),
  "a certificate of too few": (item) => ({
    ...item,
    certificate: { ...item.certificate, signers: item.certificate.signers.map((_, seat) => seat === 0) },
  }),
  "the certificate of the block before": (item, before) => ({ ...item, certificate: before.certificate }),
  "a header of its own": (item) => ({ ...item, header: { ...item.header, txsRoot: flipped(item.header.txsRoot) } }),
  "a state root of its own": (item) => ({
    ...item,
    header: { ...item.header, utxoRoot: flipped(item.header.utxoRoot) },
  }),
  "the block before once more, valid but stale": (_, before) => before,
  "a later time": (item) => ({ ...item, header: { ...item.header, time: timeMs(item.header.time + 1) } }),
  "the header of another chain": (item) => ({ ...item, header: { ...item.header, chainId: item.header.chainId + 1 } }),
  "a spend left out": (item) => ({ ...item, compact: { ...item.compact, spent: [] } }),
  "a spend that was none": (item) => ({
    ...item,
    compact: { ...item.compact, spent: [...item.compact.spent, leafIndex(item.compact.firstLeaf)] },
  }),
  "an output left out": (item) => ({
    ...item,
    compact: { ...item.compact, entries: item.compact.entries.slice(1) },
    outputs: item.outputs!.slice(1),
  }),
  "an output twice": (item) => ({
    ...item,
    compact: { ...item.compact, entries: [item.compact.entries[0]!, ...item.compact.entries] },
    outputs: [item.outputs![0]!, ...item.outputs!],
  }),
  "outputs moved by one leaf": (item) => ({
    ...item,
    compact: { ...item.compact, firstLeaf: leafIndex(item.compact.firstLeaf + 1) },
  }),
  "another height in its compact data": (item) => ({
    ...item,
    compact: { ...item.compact, height: height(item.compact.height + 1) },
  }),
  "an altered view tag": (item) => withEntry(item, (entry) => ({ ...entry, viewTag: flipped(entry.viewTag) })),
  "an altered D": (item) => withEntry(item, (entry) => ({ ...entry, ephemeralKey: flipped(entry.ephemeralKey) })),
  "an altered payload tag": (item) => withEntry(item, (entry) => ({ ...entry, payloadTag: flipped(entry.payloadTag) })),
  "another out_hash": (item) => withEntry(item, (entry) => ({ ...entry, outputHash: flipped(entry.outputHash) })),
  "another core": (item) =>
    withOutput(item, ({ core, payload }) => {
      if (core.type !== "coin") throw new Error("worlds have coins only");
      return { core: { ...core, amountEnc: flipped(core.amountEnc) }, payload };
    }),
  "another payload": (item) => withOutput(item, ({ core, payload }) => ({ core, payload: flipped(payload!) })),
  "a payload cut short": (item) => withOutput(item, ({ core, payload }) => ({ core, payload: payload!.slice(1) })),
  "no cores": (item) => ({ ...item, outputs: undefined }),
  "one core too few": (item) => ({ ...item, outputs: item.outputs!.slice(1) }),
};

it.each(Object.keys(LIES))("[LC-1] a source that streams %s is named and left, the others bring the truth", (name) => {
  const world = new LightClientWorld(1);
  world.start();
  world.run(3_000);
  world.mine({ coins: [5n] });
  world.run(500);
  const [leaf] = world.truth().keys();
  const liar = world.state.data!.node;
  world.nodes[liar]!.lie = (item) => {
    const before = world.chain.items.find(({ header }) => header.height === item.header.height - 1);
    return item.compact.entries.length > 2 ? LIES[name]!(item, before!) : item;
  };
  world.mine({ strangers: 3, coins: [7n], spent: [leaf!] });
  world.run(10_000);
  const dropped = world.log.filter((effect) => effect.type === "node-dropped");
  expect(dropped).toEqual([{ type: "node-dropped", node: liar, fault: "bad_certificate" }]);
  expect(world.state.data!.node).not.toBe(liar);
  expect(viewSync(world.state, world.nowMs)).toMatchObject({ state: "live", height: world.chain.tip.height });
  expect(viewBalance(world.state)).toEqual({ total: 7n, usable: 7n });
});
