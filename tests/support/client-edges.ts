import { findBlobWork } from "../../src/core/blob/blob-work.ts";
import type { NetworkPort } from "../../src/core/ports/network-port.ts";
import type { CurveBackend } from "../../src/core/crypto/backend/curve-backend.ts";
import type { ClientStore } from "../../src/engine/services/client-store.ts";
import type { LightClientEdges } from "../../src/engine/services/light-client-run.ts";
import type { Timers } from "../../src/engine/services/network-edges.ts";
import { openBuckets } from "../../src/engine/services/open-buckets.ts";
import { streamRequests } from "../../src/net/requests/stream-requests.ts";
import { buildPayment } from "../../src/core/wallet/build-payment.ts";
import { replayPacket } from "../../src/core/red-packet/replay-packet.ts";
import { stepTry } from "../../src/core/red-packet/packet-try.ts";
import { makeClaim, prepareClaim } from "../../src/core/wallet/make-claim.ts";
import { scanTags } from "../../src/core/wallet/scan-tags.ts";
import { scanBlocks } from "../../src/core/wallet/scan-outputs.ts";
import { fakeBls } from "./fake-bls.ts";
import { seededRandom } from "./test-random.ts";
import { testCurve as curve } from "./test-curve.ts";

/** A clock that starts where the test's chain does and runs as the device's does. */
export function testTimers(startMs: number): Timers {
  const startedAt = performance.now();
  return {
    now: () => Math.floor(startMs + performance.now() - startedAt),
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  };
}

export interface TestEdgesOptions {
  readonly store: ClientStore;
  readonly startMs: number;
  readonly label: string;
  readonly fetchNetworkFile: () => Promise<string | undefined>;
  readonly openHost: () => Promise<NetworkPort>;
  /** What payments are made with, asked each time; by default the curve of everything else. */
  readonly payingCurve?: () => CurveBackend;
}

/** A light client's edges without workers: jobs are done at once, on structured clones as they would cross a port. */
export function testEdges(options: TestEdgesOptions): LightClientEdges {
  const random = seededRandom(options.label);
  return {
    curve,
    bls: fakeBls,
    store: options.store,
    random,
    timers: testTimers(options.startMs),
    requests: streamRequests,
    fetchNetworkFile: options.fetchNetworkFile,
    openHost: options.openHost,
    jobs: {
      scan: (keys, job) => Promise.resolve(scanBlocks(curve, structuredClone(keys), structuredClone(job))),
      scanTags: (keys, job) => Promise.resolve(scanTags(curve, structuredClone(keys), structuredClone(job))),
      openBuckets: (keys, job) => Promise.resolve(openBuckets(curve, structuredClone(keys), structuredClone(job))),
      findBlobWork: (job) => Promise.resolve(findBlobWork(curve, structuredClone(job))),
      prepareClaim: (keys, job) =>
        Promise.resolve(prepareClaim(curve, random, structuredClone(keys), structuredClone(job))),
      tryPacket: (step) => {
        const { job, state, evaluations } = structuredClone(step);
        return Promise.resolve(stepTry(job, state, evaluations));
      },
      makeClaim: (keys, job) => Promise.resolve(makeClaim(curve, random, structuredClone(keys), structuredClone(job))),
      replayPacket: (history) => Promise.resolve(replayPacket(curve, undefined, structuredClone(history))),
      buildPayment: (keys, job) => {
        const paying = options.payingCurve?.() ?? curve;
        return Promise.resolve(buildPayment(paying, random, structuredClone(keys), structuredClone(job)));
      },
      cancel: () => undefined,
    },
  };
}
