import type { CoinCore } from "../../src/core/chain/output.ts";
import { sha256Hash } from "../../src/core/crypto/tagged-hash.ts";
import type { StreamedOutput } from "../../src/core/sync/compact-item.ts";
import type { CoinSecrets } from "../../src/core/wallet/output-secrets.ts";
import type { SealedPayload } from "../../src/core/wallet/payload.ts";

/** A coin a wallet made, as clients are sent it with this payload. Its range proof, which no client sees, does not exist. */
export function streamedCoin(coin: CoinSecrets, sealed: SealedPayload): StreamedOutput {
  const core: CoinCore = {
    type: "coin",
    ...coin.fields,
    payloadTag: sealed.payloadTag,
    payloadHash: sha256Hash(sealed.payload),
    rangeProofHash: sha256Hash(coin.fields.commitment),
  };
  return { core, payload: sealed.payload };
}
