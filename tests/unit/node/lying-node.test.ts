import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { devValidatorSeed } from "../../../src/core/chain/dev-seeds.ts";
import { encodeGenesis } from "../../../src/core/chain/genesis.ts";
import type { NodeNetworkPort } from "../../../src/core/ports/network-port.ts";
import { makeDevGenesis } from "../../../src/node/cli/make-dev-genesis.ts";
import type { RunningNode } from "../../../src/node/rpc/node-view.ts";
import { startFullNode } from "../../../src/node/start-full-node.ts";
import { PROTOCOL } from "../../../src/wire/protocols.ts";
import { decodeHdrItem, decodeHdrRequest, encodeHdrItem } from "../../../src/wire/requests/hdr.ts";
import { freePort } from "../../support/devnet.ts";
import { eventually } from "../../support/eventually.ts";
import { RelayingNode } from "../../support/relaying-node.ts";

const genesis = makeDevGenesis({ validatorCount: 1, isFast: true });
const running: (() => Promise<void>)[] = [];

async function start(
  options: { readonly isValidator?: boolean; readonly port?: number; readonly dial?: readonly string[] } = {},
): Promise<RunningNode & { readonly log: readonly string[] }> {
  const directory = await mkdtemp(join(tmpdir(), "stegos-lying-"));
  const log: string[] = [];
  const node = await startFullNode({
    genesis: encodeGenesis(genesis),
    directory,
    listen: [`/ip4/127.0.0.1/tcp/${options.port ?? 0}`],
    dial: options.dial ?? [],
    validatorSeed: options.isValidator === true ? devValidatorSeed(0) : undefined,
    isArchive: true,
    log: (line) => log.push(line),
  });
  running.push(async () => {
    await node.stop();
    await rm(directory, { recursive: true });
  });
  return { ...node, log };
}

/** A host that gives everything as an honest node has it, but with certificates of its own. */
async function startLiar(source: string): Promise<NodeNetworkPort> {
  const liar = await RelayingNode.start({ chainId: genesis.chainId, listen: ["/ip4/127.0.0.1/tcp/0"], source });
  running.push(() => liar.stop());
  await liar.relay(PROTOCOL.status);
  await liar.relay(PROTOCOL.block);
  await liar.relay(PROTOCOL.hdr, (frame, request, index) => {
    decodeHdrRequest(request);
    const item = decodeHdrItem(frame, index === 0);
    return encodeHdrItem({ ...item, certificate: { ...item.certificate, signature: new Uint8Array(96).fill(0xc0) } });
  });
  return liar.host;
}

afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

it("[NW-16] one of three nodes lies: it is named in the log, left alone, and the others bring the chain", async () => {
  const validator = await start({ isValidator: true });
  const honest = validator.view.addresses()[0]!;
  const second = await start({ dial: [honest] });
  await eventually(() => expect(second.view.status().height).toBeGreaterThan(2));
  const liar = await startLiar(honest);
  // The honest ones cannot be reached yet: the liar is the only source there is.
  const port = await freePort();
  const late = `/ip4/127.0.0.1/tcp/${port}`;
  const follower = await start({ dial: [liar.addresses()[0]!, late] });
  await eventually(() => expect(follower.log).toContain(`peer banned [bad_block]: ${liar.self}`));
  expect(follower.view.status().height).toBe(0);
  expect(follower.view.peers()).toBe(0);
  await start({ dial: [honest], port });
  const at = validator.view.status().height;
  await eventually(() => expect(follower.view.status().height).toBeGreaterThan(at));
  await eventually(() => expect(follower.view.status().isSyncing).toBe(false));
  expect(follower.log.filter((line) => line.includes("banned"))).toHaveLength(1);
  // It is still on the list of those to dial, and nobody does.
  expect(liar.peers()).not.toContain(follower.view.addresses()[0]!.split("/").at(-1));
});
