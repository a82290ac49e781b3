import { tryDecode } from "../../core/bytes/decode-error.ts";
import { decodeGenesis } from "../../core/chain/genesis.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import type { NetworkPort } from "../../core/ports/network-port.ts";
import type { CompiledKernels } from "../crypto/compiled-kernels.ts";
import { openProofPool } from "../crypto/proof-pool.ts";
import { joinSnapshot, type JoinParts } from "./join-snapshot.ts";
import { openHost } from "../network/open-host.ts";
import { Refusal } from "../refusal.ts";
import type { FullNodeOptions } from "../rpc/node-view.ts";
import type { DiskStore } from "../storage/level-store.ts";

const DIAL_TIMEOUT_MS = 5_000;
const DIAL_ROUNDS = 10;
const ROUND_MS = 2_000;
const JOIN_ROUNDS = 5;

/**
 * Before a node starts: where `--checkpoint` asks for it and the database is empty, the state of a boundary is fetched
 * over a host of its own (BL-12). True if the database has changed and is to be opened anew.
 */
export async function joinNetwork(
  store: DiskStore,
  options: FullNodeOptions,
  deps: { readonly curve: CurveBackend; readonly bls: BlsBackend; readonly kernels: CompiledKernels },
): Promise<boolean> {
  if (store.tip() !== undefined) return false;
  const { checkpoint, log } = options;
  if (checkpoint === undefined) {
    const [begun] = await store.joining().newestBoundaries(1);
    if (begun === undefined) return false;
    throw new Refusal("join_unfinished", "the database holds a part of a snapshot: start with --checkpoint again");
  }
  const genesis = tryDecode(decodeGenesis, options.genesis);
  if (!genesis.ok) throw new Refusal("bad_genesis", `the genesis cannot be read: ${genesis.reason}`);
  const { host, peers } = await openHost(genesis.value.chainId, options);
  const proofs = openProofPool(deps.kernels.forThread());
  try {
    peers.attach(host);
    const parts: JoinParts = {
      ...{ curve: deps.curve, bls: deps.bls, store, network: host, genesis: options.genesis, checkpoint, proofs, log },
      blame: (peer) => peers.blame(peer, "bad_block"),
      connect: () => connect(host, options.dial),
    };
    await joinAtLast(parts);
  } finally {
    await proofs.close();
    await host.stop();
    await peers.save();
  }
  return true;
}

/** What is stored stays stored, so a round that ends without peers costs little; the next one may find others. */
async function joinAtLast(parts: JoinParts): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      await joinSnapshot(parts);
      return;
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "no_snapshot" || round === JOIN_ROUNDS) throw error;
      parts.log(`not joined yet: ${error.message}`);
    }
  }
}

/** Dials what is configured until somebody is there, and then once more whoever was not. */
async function connect(host: NetworkPort, addresses: readonly string[]): Promise<void> {
  if (addresses.length === 0) throw new Refusal("no_snapshot", "--checkpoint needs peers: --dial is missing");
  for (let round = 0; round < DIAL_ROUNDS; round++) {
    await Promise.all(addresses.map((address) => host.dial(address, DIAL_TIMEOUT_MS).catch(() => undefined)));
    if (host.peers().length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
  }
  throw new Refusal("no_snapshot", "no peer answers");
}
