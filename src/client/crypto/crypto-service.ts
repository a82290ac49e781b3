import { findBlobWork, type BlobWorkJob, type BlobWorkResult } from "../../core/blob/blob-work.ts";
import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import type { Random } from "../../core/ports/random.ts";
import type { BucketJob, BucketResult } from "../../core/wallet/bucket-job.ts";
import type { BuildPaymentJob, BuildPaymentResult } from "../../core/wallet/built-payment.ts";
import { stepTry, type PacketTryState, type PacketTryStep } from "../../core/red-packet/packet-try.ts";
import { replayPacket, type PacketHistory, type PacketReplay } from "../../core/red-packet/replay-packet.ts";
import type { BuildClaimResult } from "../../core/wallet/build-claim.ts";
import {
  makeClaim,
  prepareClaim,
  type MakeClaimJob,
  type PrepareClaimJob,
  type PrepareClaimResult,
} from "../../core/wallet/make-claim.ts";
import type { AccountKeys, ScanKeys } from "../../core/wallet/keys.ts";
import { makePayment } from "../../core/wallet/make-payment.ts";
import { scanTags, type TagJob, type TagResult } from "../../core/wallet/scan-tags.ts";
import { scanBlocks, type ScanJob, type ScanResult } from "../../core/wallet/scan-outputs.ts";
import { SubaddressCache } from "../../core/wallet/subaddress-table.ts";
import { openBuckets } from "../../engine/services/open-buckets.ts";

/**
 * Heavy work, as it crosses the port of a crypto worker. Keys come with the job and are kept nowhere; what a worker
 * remembers of them until it ends are addresses, which are no secrets.
 */
export interface CryptoService {
  /** Of the backend that has come out of this worker's own trial. */
  backendName(): Promise<string>;
  /** Runs the code of a scan for a moment: an engine compiles in earnest only what has been running. */
  warmUp(): Promise<void>;
  scan(keys: ScanKeys, job: ScanJob): Promise<ScanResult>;
  /** A result for each job. */
  scanTags(keys: ScanKeys, jobs: readonly TagJob[]): Promise<readonly TagResult[]>;
  openBuckets(keys: ScanKeys, job: BucketJob): Promise<BucketResult>;
  buildPayment(keys: AccountKeys, job: BuildPaymentJob): Promise<BuildPaymentResult>;
  prepareClaim(keys: AccountKeys, job: PrepareClaimJob): Promise<PrepareClaimResult>;
  tryPacket(step: PacketTryStep): Promise<PacketTryState>;
  makeClaim(keys: AccountKeys, job: MakeClaimJob): Promise<BuildClaimResult>;
  /** Says nothing of the signatures of beacons. */
  replayPacket(history: PacketHistory): Promise<PacketReplay>;
  findBlobWork(job: BlobWorkJob): Promise<BlobWorkResult>;
}

/** Nobody's. */
const WARM_UP_KEYS = { viewSecret: new Uint8Array(32).fill(1), viewAllSecret: new Uint8Array(32).fill(2) };
const WARM_UP_OUTPUTS = 64;

/** Outputs of which each takes a key agreement. */
function warmUpJob(random: Random): TagJob {
  return { ephemeralKeys: random.bytes(32 * WARM_UP_OUTPUTS), viewTags: random.bytes(2 * WARM_UP_OUTPUTS) };
}

/** The service over a curve that may still be opening: it can be exposed before anything is awaited. */
export function createCryptoService(curve: CurveBackend | Promise<CurveBackend>, random: Random): CryptoService {
  const addresses = new SubaddressCache();
  return {
    backendName: async () => (await curve).name,
    warmUp: async () => {
      scanTags(await curve, WARM_UP_KEYS, warmUpJob(random));
    },
    scan: async (keys, job) => scanBlocks(await curve, keys, job, addresses),
    scanTags: async (keys, jobs) => {
      const opened = await curve;
      return jobs.map((job) => scanTags(opened, keys, job));
    },
    openBuckets: async (keys, job) => openBuckets(await curve, keys, job, addresses),
    prepareClaim: async (keys, job) => prepareClaim(await curve, random, keys, job),
    tryPacket: ({ job, state, evaluations }) => Promise.resolve(stepTry(job, state, evaluations)),
    makeClaim: async (keys, job) => makeClaim(await curve, random, keys, job),
    replayPacket: async (history) => replayPacket(await curve, undefined, history),
    findBlobWork: async (job) => findBlobWork(await curve, job),
    buildPayment: async (keys, job) => makePayment(await curve, random, keys, job),
  };
}
