import { parentPort, workerData } from "node:worker_threads";
import { platformRandom } from "../../../src/client/crypto/platform-random.ts";
import { buildKernel } from "../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { openBackend } from "../../../src/core/crypto/backend/open-backend.ts";
import { createBlstBls } from "../../../src/node/crypto/blst-bls.ts";
import type { BlockSample } from "./full-block.ts";
import { verifyBlock } from "./verify-block.ts";

const sample = workerData as BlockSample;
const opening = openBackend(buildKernel);
const bls = createBlstBls();

/** One message, one block; the answer is whether it is valid. */
parentPort?.on("message", () => {
  void opening.then((curve) => {
    parentPort?.postMessage(verifyBlock({ curve, bls, random: platformRandom }, sample));
  });
});
