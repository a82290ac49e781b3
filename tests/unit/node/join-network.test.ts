import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import { encodeGenesis } from "../../../src/core/chain/genesis.ts";
import { buildKernel } from "../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { openBackend } from "../../../src/core/crypto/backend/open-backend.ts";
import { height } from "../../../src/core/values/height.ts";
import { parseCheckpoint } from "../../../src/node/cli/checkpoint-option.ts";
import { createBlstBls } from "../../../src/node/crypto/blst-bls.ts";
import type { FullNodeOptions, RunningNode } from "../../../src/node/rpc/node-view.ts";
import { startFullNode } from "../../../src/node/start-full-node.ts";
import { openLevelStore } from "../../../src/node/storage/level-store.ts";
import { eventually } from "../../support/eventually.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";
import { LedgerNode } from "../../support/ledger-node.ts";

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "stegos-joining-"));
  cleanUp.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

describe("[BL-12] stegos node --checkpoint", { timeout: 120_000 }, () => {
  it("joins over a real network by the state of a boundary, proofs and all, and follows from there", async () => {
    const curve = await openBackend(buildKernel);
    const params = { epochMs: 60_000 };
    const builder = new LedgerBuilder({
      label: "real join",
      bls: createBlstBls(),
      curve,
      params,
      proofs: true,
      noteCount: 3,
    });
    const server = await folder();
    const store = await openLevelStore(join(server, "database"));
    const node = await LedgerNode.open(builder, store);
    const extend = (count: number): Promise<void> =>
      node.extend(count === 0 ? [] : [builder.transfer(builder.take(1), [0n, 5n])], 31_000);
    await extend(1);
    await extend(1);
    while (!builder.tip.header.isEpochEnd) await extend(0);
    const boundary = { height: builder.tip.header.height, blockId: builder.tip.blockId };
    await extend(1);
    await extend(0);
    await store.close();

    const begin = async (directory: string, changes: Partial<FullNodeOptions> = {}) => {
      const log: string[] = [];
      const running: RunningNode = await startFullNode({
        genesis: encodeGenesis(builder.genesis),
        directory,
        listen: ["/ip4/127.0.0.1/tcp/0"],
        dial: [],
        validatorSeed: undefined,
        isArchive: false,
        log: (line) => log.push(line),
        ...changes,
      });
      cleanUp.push(() => running.stop());
      return { ...running, log };
    };
    const whole = await begin(server);
    const dial = [whole.view.addresses()[0]!];
    const checkpoint = { height: boundary.height, blockId: boundary.blockId };
    const directory = await folder();
    const joined = await begin(directory, { dial, checkpoint });
    expect(joined.log.some((line) => line.startsWith(`joined at height ${boundary.height}`))).toBe(true);
    const { header } = builder.tip;
    await eventually(() => expect(joined.view.status().height).toBe(header.height));
    expect(joined.view.status().blockId).toEqual(builder.tip.blockId);
    expect(await joined.view.supply()).toMatchObject({ isInvariantOk: true });
    // No block below the boundary was asked for.
    expect(await joined.view.store.block(height(1))).toBeUndefined();
    expect(joined.view.store.keptFrom().blocks).toBe(boundary.height + 1);
    // And the next one joins from the one that has joined.
    const next = await begin(await folder(), { dial: [joined.view.addresses()[0]!], checkpoint });
    await eventually(() => expect(next.view.status().height).toBe(header.height));
  });

  it("a part of a snapshot is no database to start from without a checkpoint", async () => {
    const curve = await openBackend(buildKernel);
    const builder = new LedgerBuilder({ label: "begun", bls: createBlstBls(), curve, noteCount: 3 });
    const directory = await folder();
    const store = await openLevelStore(join(directory, "database"));
    const { header, blockId, nextValidators } = builder.tip;
    await store.joining().putBoundaries([{ header, blockId, nextValidators, certificate: builder.lastCertificate }]);
    await store.close();
    const options = { genesis: encodeGenesis(builder.genesis), directory, listen: [], dial: [], log: () => undefined };
    const start = startFullNode({ ...options, validatorSeed: undefined, isArchive: false });
    await expect(start).rejects.toMatchObject({ name: "Refusal", code: "join_unfinished" });
    const checkpoint = { height: height(5), blockId };
    const undialled = startFullNode({ ...options, validatorSeed: undefined, isArchive: false, checkpoint });
    await expect(undialled).rejects.toMatchObject({ code: "no_snapshot" });
  });

  it("is a height and a hash", () => {
    const id = "ab".repeat(32);
    const { height: at, blockId } = parseCheckpoint(`120:${id.toUpperCase()}`)!;
    expect([at, formatHex(blockId)]).toEqual([120, id]);
    for (const text of [
      "",
      "120",
      `:${id}`,
      `x:${id}`,
      `-1:${id}`,
      `1.5:${id}`,
      `120:${id}00`,
      `120:${id} `,
      `1234567890123456:${id}`,
    ])
      expect(parseCheckpoint(text), text).toBeUndefined();
  });
});
