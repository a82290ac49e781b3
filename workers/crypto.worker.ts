import { expose } from "comlink";
import { createCryptoService } from "../src/client/crypto/crypto-service.ts";
import { loadKernel } from "../src/client/crypto/load-kernel.ts";
import { platformRandom } from "../src/client/crypto/platform-random.ts";
import { BACKEND_NAMES, openBackend } from "../src/core/crypto/backend/open-backend.ts";

/** Whoever starts this worker names the backend it is to take; by default the fastest. */
const only = BACKEND_NAMES.find((name) => name === self.name);
expose(createCryptoService(openBackend(loadKernel, only), platformRandom));
