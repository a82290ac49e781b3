import { createNobleBackend } from "../../../src/core/crypto/backend/noble-backend.ts";
import { outputHash, type CoinCore } from "../../../src/core/chain/output.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { height, leafIndex, timeMs } from "../../../src/core/values/height.ts";
import { hash } from "../../../src/core/values/hash.ts";
import { deriveAccount, deriveAddress, type AccountKeys } from "../../../src/core/wallet/keys.ts";
import { buildPaidCoin, derivePayment } from "../../../src/core/wallet/output-secrets.ts";
import type { ScanJob, ScanResult } from "../../../src/core/wallet/scan-outputs.ts";
import { seededRandom } from "../../support/test-random.ts";

/** One block with six coins, every second one for account 0 of a fixed seed: the same bytes everywhere. */
export function scanSample(): { readonly keys: AccountKeys; readonly job: ScanJob } {
  const curve = createNobleBackend();
  const random = seededRandom("scan sample");
  const keys = deriveAccount(curve, random.bytes(32), 0);
  const stranger = deriveAccount(curve, random.bytes(32), 0);
  const cores = Array.from({ length: 6 }, (_, index): CoinCore => {
    const to = deriveAddress(curve, (index % 2 === 0 ? keys : stranger).view, index);
    const value = amount(BigInt(1_000 * (index + 1)));
    const { fields } = buildPaidCoin(curve, derivePayment(curve, to, value, random.bytes(32))!, to, value, 0);
    const [payloadHash, rangeProofHash] = [hash(random.bytes(32)), hash(random.bytes(32))];
    return { type: "coin", ...fields, payloadTag: random.bytes(16), payloadHash, rangeProofHash };
  });
  const block = {
    height: height(7),
    timeMs: timeMs(1_700_000_000_000),
    firstLeaf: leafIndex(100),
    entries: cores.map((core) => ({
      ephemeralKey: core.ephemeralKey,
      viewTag: core.viewTag,
      payloadTag: core.payloadTag,
      outputHash: outputHash(core),
    })),
    outputs: cores.map((core) => ({ core, payload: undefined })),
  };
  return { keys, job: { account: 0, addressCount: 10, blocks: [block] } };
}

/** A result as text that can leave a page. */
export function printScan(result: ScanResult): string {
  return JSON.stringify(result.notes, (_key, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    return value instanceof Uint8Array ? [...value] : value;
  });
}
