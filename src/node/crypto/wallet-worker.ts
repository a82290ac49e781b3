import { parentPort, workerData } from "node:worker_threads";
import { findBlobWork, type BlobWorkJob } from "../../core/blob/blob-work.ts";
import { openBackend } from "../../core/crypto/backend/open-backend.ts";
import type { BucketJob } from "../../core/wallet/bucket-job.ts";
import type { BuildPaymentJob } from "../../core/wallet/built-payment.ts";
import { replayPacket, type PacketHistory } from "../../core/red-packet/replay-packet.ts";
import { stepTry, type PacketTryStep } from "../../core/red-packet/packet-try.ts";
import { makeClaim, prepareClaim, type MakeClaimJob, type PrepareClaimJob } from "../../core/wallet/make-claim.ts";
import type { AccountKeys, ScanKeys } from "../../core/wallet/keys.ts";
import { makePayment } from "../../core/wallet/make-payment.ts";
import { scanBlocks, type ScanJob } from "../../core/wallet/scan-outputs.ts";
import { scanTags, type TagJob } from "../../core/wallet/scan-tags.ts";
import { SubaddressCache } from "../../core/wallet/subaddress-table.ts";
import { openBuckets } from "../../engine/services/open-buckets.ts";
import { systemRandom } from "../edges.ts";
import { CompiledKernels, type KernelsForThread } from "./compiled-kernels.ts";

/** Heavy work of a wallet, with the key for this one job. */
export type WalletJob =
  | { readonly type: "scan"; readonly keys: ScanKeys; readonly job: ScanJob }
  | { readonly type: "scan-tags"; readonly keys: ScanKeys; readonly job: TagJob }
  | { readonly type: "open-buckets"; readonly keys: ScanKeys; readonly job: BucketJob }
  | { readonly type: "find-blob-work"; readonly job: BlobWorkJob }
  | { readonly type: "prepare-claim"; readonly keys: AccountKeys; readonly job: PrepareClaimJob }
  | { readonly type: "try-packet"; readonly step: PacketTryStep }
  | { readonly type: "make-claim"; readonly keys: AccountKeys; readonly job: MakeClaimJob }
  | { readonly type: "replay-packet"; readonly history: PacketHistory }
  | { readonly type: "build-payment"; readonly keys: AccountKeys; readonly job: BuildPaymentJob };

/** `id` returns with the answer. */
export interface WalletJobMessage {
  readonly id: number;
  readonly work: WalletJob;
}

export interface WalletJobAnswer {
  readonly id: number;
  readonly result: unknown;
}

const opening = openBackend(new CompiledKernels(workerData as KernelsForThread).source);
const addresses = new SubaddressCache();

async function perform(work: WalletJob): Promise<unknown> {
  const curve = await opening;
  switch (work.type) {
    case "scan":
      return scanBlocks(curve, work.keys, work.job, addresses);
    case "scan-tags":
      return scanTags(curve, work.keys, work.job);
    case "open-buckets":
      return openBuckets(curve, work.keys, work.job, addresses);
    case "find-blob-work":
      return findBlobWork(curve, work.job);
    case "prepare-claim":
      return prepareClaim(curve, systemRandom, work.keys, work.job);
    case "try-packet":
      return stepTry(work.step.job, work.step.state, work.step.evaluations);
    case "make-claim":
      return makeClaim(curve, systemRandom, work.keys, work.job);
    case "replay-packet":
      return replayPacket(curve, undefined, work.history);
    case "build-payment":
      return makePayment(curve, systemRandom, work.keys, work.job);
    default:
      return work satisfies never;
  }
}

async function answer({ id, work }: WalletJobMessage): Promise<void> {
  const answered: WalletJobAnswer = { id, result: await perform(work) };
  parentPort?.postMessage(answered);
}

// What throws here ends the thread, and with it the job.
parentPort?.on("message", (message: WalletJobMessage) => void answer(message));
