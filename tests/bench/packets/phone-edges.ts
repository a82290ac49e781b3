import { findBlobWork } from "../../../src/core/blob/blob-work.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../../src/core/crypto/bls-backend.ts";
import { replayPacket } from "../../../src/core/red-packet/replay-packet.ts";
import { stepTry } from "../../../src/core/red-packet/packet-try.ts";
import { makeClaim, prepareClaim } from "../../../src/core/wallet/make-claim.ts";
import { makePayment } from "../../../src/core/wallet/make-payment.ts";
import { scanBlocks } from "../../../src/core/wallet/scan-outputs.ts";
import { scanTags } from "../../../src/core/wallet/scan-tags.ts";
import { SubaddressCache } from "../../../src/core/wallet/subaddress-table.ts";
import type { ClientJobs, LightClientEdges } from "../../../src/engine/services/light-client-run.ts";
import { openBuckets } from "../../../src/engine/services/open-buckets.ts";
import { createBrowserHost } from "../../../src/net/host/create-browser-host.ts";
import { generateIdentity } from "../../../src/net/host/identity.ts";
import { streamRequests } from "../../../src/net/requests/stream-requests.ts";
import { createBlstBls } from "../../../src/node/crypto/blst-bls.ts";
import { systemRandom, systemTimers } from "../../../src/node/edges.ts";
import { PhoneStore } from "./phone-store.ts";

/** Certificates of which a thread remembers the verdict: those of a minute. */
const VERDICTS_MAX = 256;

/**
 * Every phone verifies each certificate with a processor of its own; here all of them share two cores, so what one phone
 * of a thread has found out the others are told. Everything else each does for itself.
 */
export function sharedBls(): BlsBackend {
  const bls = createBlstBls();
  const verdicts = new Map<string, boolean>();
  return {
    ...bls,
    verifyAggregate: (keys, message, signature) => {
      const name = Buffer.concat([message, signature, ...keys]).toString("latin1");
      const known = verdicts.get(name) ?? bls.verifyAggregate(keys, message, signature);
      verdicts.set(name, known);
      const [oldest] = verdicts.keys();
      if (verdicts.size > VERDICTS_MAX && oldest !== undefined) verdicts.delete(oldest);
      return known;
    },
  };
}

/** Edges of one phone, with its work done in the thread that it lives in. */
export function phoneEdges(
  curve: CurveBackend,
  bls: BlsBackend,
  fetchNetworkFile: () => Promise<string>,
): LightClientEdges {
  return {
    curve,
    bls,
    store: new PhoneStore(),
    jobs: ownJobs(curve),
    random: systemRandom,
    timers: systemTimers,
    requests: streamRequests,
    fetchNetworkFile,
    openHost: async (chainId) => createBrowserHost({ chainId, identity: await generateIdentity() }),
    isOriginTrusted: true,
  };
}

function ownJobs(curve: CurveBackend): ClientJobs {
  const addresses = new SubaddressCache();
  const later = async <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
    // Each job in a turn of its own: a thousand phones tap at once, and all of them talk to nodes meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
    return work();
  };
  return {
    // At once, in the turn in which its phone heard of the block: if it waited, the blocks of all phones would lie decoded
    // in one memory, which no phone's garbage collector has to work through.
    scan: (keys, job) => Promise.resolve().then(() => scanBlocks(curve, keys, job, addresses)),
    scanTags: (keys, job) => later(() => scanTags(curve, keys, job)),
    openBuckets: (keys, job) => later(() => openBuckets(curve, keys, job, addresses)),
    buildPayment: (keys, job) => later(() => makePayment(curve, systemRandom, keys, job)),
    prepareClaim: (keys, job) => later(() => prepareClaim(curve, systemRandom, keys, job)),
    tryPacket: ({ job, state, evaluations }) => later(() => stepTry(job, state, evaluations)),
    makeClaim: (keys, job) => later(() => makeClaim(curve, systemRandom, keys, job)),
    replayPacket: (history) => later(() => replayPacket(curve, undefined, history)),
    findBlobWork: (job) => later(() => findBlobWork(curve, job)),
    cancel: () => undefined,
  };
}
