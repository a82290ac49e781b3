import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { formatHex } from "../core/bytes/hex.ts";
import { openBackend } from "../core/crypto/backend/open-backend.ts";
import { isFullNodeWrite, type FullNodeEffect, type FullNodeEvent } from "../core/machines/full-node-events.ts";
import { createFullNodeState, type FullNodeDeps, type FullNodeState } from "../core/machines/full-node-state.ts";
import { stepFullNode } from "../core/machines/full-node.ts";
import { UNHASHED_PARAMS } from "../core/params/unhashed-params.ts";
import { nextHeight } from "../core/state/ledger-tip.ts";
import { networkOfChainId } from "../core/values/network.ts";
import { startEngine, type Engine } from "../engine/run-engine.ts";
import { createBlstBls } from "./crypto/blst-bls.ts";
import { CompiledKernels } from "./crypto/compiled-kernels.ts";
import { openProofPool } from "./crypto/proof-pool.ts";
import { ClockWatch } from "./clock-watch.ts";
import { systemClock, systemRandom } from "./edges.ts";
import { createNodeView } from "./full-node-view.ts";
import { FinalityTimes } from "./finality-times.ts";
import { NodeNetwork } from "./network/node-network.ts";
import { openHost } from "./network/open-host.ts";
import { joinNetwork } from "./join/join-network.ts";
import { openLedger } from "./open-ledger.ts";
import { openEvidence } from "./open-evidence.ts";
import { openSeatHistory } from "./open-seat-history.ts";
import { proofClaims, startSigning, storeWrites } from "./perform-effects.ts";
import { pruneBlobs } from "./prune-blobs.ts";
import { DatabasePruner } from "./prune-database.ts";
import { Replies } from "./replies.ts";
import type { FullNodeOptions, RunningNode } from "./rpc/node-view.ts";
import { Refusal } from "./refusal.ts";
import { SeldomLog } from "./seldom-log.ts";
import { SlowWrites } from "./slow-writes.ts";
import { standingLine } from "./standing-log.ts";
import { refusalOfDisk } from "./storage/disk-refusal.ts";
import { openBlobFiles } from "./storage/blob-files.ts";
import { openLevelStore, type DiskStore } from "./storage/level-store.ts";
import { openSignerFile } from "./storage/signer-file.ts";

/** MS-13. */
const BLOB_QUOTA_BYTES = 2 * 1024 * 1024 * 1024;

/** Opens the database, joins the network and runs the machine until it is stopped or cannot go on. */
export async function startFullNode(options: FullNodeOptions): Promise<RunningNode> {
  await mkdir(options.directory, { recursive: true });
  const bls = createBlstBls();
  const kernels = new CompiledKernels();
  const database = join(options.directory, "database");
  const [opened, curve] = await Promise.all([openLevelStore(database), openBackend(kernels.source)]);
  const store = await joined(opened, database, options, { curve, bls, kernels });
  const { tip, certificate, boundary } = await openLedger(store, options.genesis, { curve, bls });
  const seatHistory = await openSeatHistory(store, tip);
  const evidence = await openEvidence(store);
  const { chainId, params } = tip.chain;
  // A genesis of no network was refused above.
  const { blobTtlMs } = UNHASHED_PARAMS[networkOfChainId(chainId) ?? "dev"];
  const blobs = await openBlobFiles({
    directory: join(options.directory, "blobs"),
    ttlMs: blobTtlMs,
    quotaBytes: options.blobQuotaBytes ?? BLOB_QUOTA_BYTES,
  });
  const seed = options.validatorSeed;
  const signerFile = seed === undefined ? undefined : await openSignerFile(join(options.directory, "signer"));
  const next = nextHeight(tip);
  const stored = await store.log(next);
  const { signsFrom, log } =
    signerFile === undefined ? { signsFrom: next, log: stored } : await startSigning(signerFile, chainId, next, stored);
  if (signsFrom > next)
    options.log(`the database lacks what was signed before: signing again from height ${signsFrom}`);
  const signer =
    seed === undefined
      ? undefined
      : { publicKey: bls.publicKey(seed), signsFrom, sign: (message: Uint8Array) => bls.sign(seed, message) };
  const deps: FullNodeDeps = {
    ledger: { curve, bls },
    reader: store,
    consensus: { bls, params, chainId, signer },
    stemSecret: systemRandom.bytes(32),
    unjails: options.unjails ?? true,
  };

  const proofs = openProofPool(kernels.forThread());
  const { host, peers } = await openHost(chainId, options);
  const replies = new Replies();
  const blockListeners = new Set<(height: ReturnType<typeof nextHeight>) => void>();
  const mempoolListeners = new Set<() => void>();
  const finality = new FinalityTimes();
  const seldomLog = new SeldomLog(options.log);
  const slowWrites = new SlowWrites(seldomLog);
  const clockWatch = new ClockWatch(seldomLog);
  const timers = new Set<() => void>();
  let reportFailure: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => {
    reportFailure = resolve;
  });
  let isStopping = false;

  const now = () => systemClock.now();
  const post = (event: FullNodeEvent): void => engine.post(event);

  const perform = (effect: FullNodeEffect): void => {
    switch (effect.type) {
      case "commit-block":
      case "write-log":
      case "write-evidence":
        throw new Error("a write reached the performer");
      case "continue":
        engine.postFirst({ type: "block-committed", now: now() });
        return;
      case "send-frame":
        network.sendFrame(effect.to, effect.frame);
        return;
      case "verify-proofs":
        proofs.verify(proofClaims(chainId, effect)).then(
          (rules) => {
            const good = rules.map((rule) => rule === undefined);
            post({ type: "proofs-verified", now: now(), job: effect.job, good });
          },
          (error: unknown) => fail(error),
        );
        return;
      case "verify-claims":
        proofs.judge(effect).then(
          (answer) => {
            if (answer.isWithdrawn) return;
            post({ type: "claims-verified", now: now(), job: effect.job, rule: answer.rule });
          },
          (error: unknown) => fail(error),
        );
        return;
      case "hurry-claims":
        proofs.hurry(effect.job);
        return;
      case "withdraw-claims":
        proofs.withdraw(effect.job);
        return;
      case "reply-transaction":
      case "reply-block":
      case "reply-evidence":
        replies.settle(effect.reply, effect.verdict);
        return;
      case "send-stem":
        network.sendStem(effect.peer, effect.txid, effect.transaction);
        return;
      case "publish-transaction":
        network.publishTransaction(effect.transaction);
        return;
      case "pool-changed":
        network.poolChanged(effect.added, effect.removed);
        for (const listener of mempoolListeners) listener();
        return;
      case "publish-block":
        network.publishBlock({ body: effect.body, certificate: effect.certificate });
        return;
      case "publish-evidence":
        network.publishEvidence(effect.evidence);
        return;
      case "fetch-blocks":
        network.fetchBlocks(effect.peer, effect.from, effect.count).then(
          (blocks) => post({ type: "blocks-fetched", now: now(), peer: effect.peer, blocks }),
          () => post({ type: "fetch-failed", now: now(), peer: effect.peer }),
        );
        return;
      case "drop-peer":
        network.blame(effect.peer, effect.reason === "bad_block" ? "bad_block" : "wrong_messages");
        return;
      case "arm-timer": {
        const cancel = systemClock.wakeAt(effect.at, () => {
          timers.delete(cancel);
          post({ type: "timer-fired", now: now(), timer: effect.timer });
        });
        timers.add(cancel);
        return;
      }
      case "announce-height":
        finality.add(effect.waitedMs);
        watchClock();
        for (const listener of blockListeners) listener(effect.height);
        return;
      case "standing-changed":
        options.log(standingLine(effect.standing, deps.unjails));
        return;
      case "unjail-sent":
        options.log(`unjail_sent: told the chain, for epoch ${effect.epoch}, that this validator is back`);
        return;
      case "report-evidence":
        options.log(`equivocation seen at height ${effect.evidence.height}`);
        return;
      case "report":
        options.log(`height ${effect.height}: ${effect.code}`);
        return;
      default:
        return effect satisfies never;
    }
  };

  const watchClock = (): void => {
    const { tip, peers: shown } = engine.state();
    const isLive = ![...shown.values()].some((height) => height > tip.header.height + 1);
    clockWatch.blockFinal(tip.header.time, now(), isLive);
  };

  const fail = (error: unknown): void => {
    replies.end();
    if (isStopping) return;
    reportFailure(error instanceof Error ? error : new Error("the node cannot go on"));
  };

  const engine: Engine<FullNodeState, FullNodeEvent> = startEngine(
    {
      initial: createFullNodeState(tip, certificate, boundary, seatHistory),
      step: (state, event: FullNodeEvent) => stepFullNode(deps, state, event),
      isWrite: isFullNodeWrite,
    },
    {
      write: (effects) => slowWrites.watch(storeWrites(store, signerFile, chainId, effects.filter(isFullNodeWrite))),
      perform,
      failed: fail,
    },
  );

  const onBlock = (listener: (height: ReturnType<typeof nextHeight>) => void): (() => void) => {
    blockListeners.add(listener);
    return () => blockListeners.delete(listener);
  };
  const pruner = new DatabasePruner({
    store,
    state: () => engine.state(),
    clock: systemClock,
    isArchive: options.isArchive,
    log: options.log,
    failed: fail,
  });
  blockListeners.add(() => pruner.wake());
  const blobFailed = (error: unknown): void => {
    const refusal = refusalOfDisk(error);
    seldomLog.tell(refusal instanceof Refusal ? refusal.code : "blob_failed", "a blob was not stored or read");
  };
  const stopPruningBlobs = pruneBlobs({
    store: blobs,
    clock: systemClock,
    chainTime: () => engine.state().tip.header.time,
    ttlMs: blobTtlMs,
    failed: blobFailed,
  });
  const onMempool = (listener: () => void): (() => void) => {
    mempoolListeners.add(listener);
    return () => mempoolListeners.delete(listener);
  };
  const network = new NodeNetwork(host, {
    store,
    state: () => engine.state(),
    post,
    postAndWait: (event) => engine.postAndWait(event),
    now,
    replies,
    onBlock,
    dial: options.dial,
    peers,
    blobs,
    blobFailed,
  });
  // The machine first: what the network hands in before it has started would be dropped, and its askers left waiting.
  post({ type: "started", now: now(), log, evidence });
  await network.start();
  pruner.wake();
  options.log(
    `node started at height ${tip.header.height}, chain ${chainId}, genesis ${formatHex(tip.chain.genesisHash).slice(0, 8)}, curve ${curve.name}`,
  );

  return {
    curve,
    kernels: kernels.forThread(),
    view: createNodeView({
      finality,
      options,
      store,
      curve,
      host,
      blobs,
      replies,
      post,
      sizes: () => store.sizes(),
      now,
      onBlock,
      onMempool,
      state: () => engine.state(),
    }),
    failed,
    async stop() {
      isStopping = true;
      await engine.stop();
      await pruner.stop();
      stopPruningBlobs();
      replies.end();
      for (const cancel of timers) cancel();
      await network.stop();
      await proofs.close();
      await signerFile?.close();
      await blobs.close();
      await store.close();
    },
  };
}

/** The database as a node goes on with it: joined by a snapshot first, where that is asked for. */
async function joined(
  store: DiskStore,
  directory: string,
  options: FullNodeOptions,
  deps: Parameters<typeof joinNetwork>[2],
): Promise<DiskStore> {
  try {
    if (!(await joinNetwork(store, options, deps))) return store;
  } catch (error) {
    await store.close();
    throw error;
  }
  await store.close();
  return openLevelStore(directory);
}
