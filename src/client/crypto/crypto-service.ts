import type { CurveBackend } from "../../core/crypto/backend/curve-backend.ts";
import type { Random } from "../../core/ports/random.ts";
import { buildPayment } from "../../core/wallet/build-payment.ts";
import type { BuildPaymentJob, BuildPaymentResult } from "../../core/wallet/built-payment.ts";
import type { AccountKeys, ScanKeys } from "../../core/wallet/keys.ts";
import { scanTags, type TagJob, type TagResult } from "../../core/wallet/scan-tags.ts";
import { scanBlocks, type ScanJob, type ScanResult } from "../../core/wallet/scan-outputs.ts";
import { SubaddressCache } from "../../core/wallet/subaddress-table.ts";

/**
 * Heavy work, as it crosses the port of a crypto worker. Keys come with the job and are kept nowhere; what a worker
 * remembers of them until it ends are addresses, which are no secrets.
 */
export interface CryptoService {
  scan(keys: ScanKeys, job: ScanJob): Promise<ScanResult>;
  scanTags(keys: ScanKeys, job: TagJob): Promise<TagResult>;
  buildPayment(keys: AccountKeys, job: BuildPaymentJob): Promise<BuildPaymentResult>;
}

/** The service over a curve that may still be opening: it can be exposed before anything is awaited. */
export function createCryptoService(curve: CurveBackend | Promise<CurveBackend>, random: Random): CryptoService {
  const addresses = new SubaddressCache();
  return {
    scan: async (keys, job) => scanBlocks(await curve, keys, job, addresses),
    scanTags: async (keys, job) => scanTags(await curve, keys, job),
    buildPayment: async (keys, job) => buildPayment(await curve, random, keys, job),
  };
}
