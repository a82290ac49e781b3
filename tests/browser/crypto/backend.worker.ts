import { loadKernel } from "../../../src/client/crypto/load-kernel.ts";
import { equalBytes } from "../../../src/core/bytes/compare-bytes.ts";
import { createNobleBackend } from "../../../src/core/crypto/backend/noble-backend.ts";
import { openBackend, type BackendName } from "../../../src/core/crypto/backend/open-backend.ts";

const POINTS = 2_000;

/** Answers with the name of the backend, the fastest or the one named, and whether it multiplies and hashes as noble does. */
onmessage = async ({ data: only }: MessageEvent<BackendName | undefined>) => {
  const curve = await openBackend(loadKernel, only);
  const scalar = crypto.getRandomValues(new Uint8Array(32));
  const inputs = crypto.getRandomValues(new Uint8Array(32 * POINTS));
  const noble = createNobleBackend();
  const products = noble.x25519Batch(scalar, inputs);
  const isSame =
    equalBytes(curve.x25519Batch(scalar, inputs), products) &&
    equalBytes(curve.tagsBatch(products, inputs), noble.tagsBatch(products, inputs));
  postMessage({ name: curve.name, isSame });
};
