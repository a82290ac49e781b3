import { expose } from "comlink";
import { createCryptoService } from "../src/client/crypto/crypto-service.ts";
import { loadKernel } from "../src/client/crypto/load-kernel.ts";
import { platformRandom } from "../src/client/crypto/platform-random.ts";
import { openBackend } from "../src/core/crypto/backend/open-backend.ts";

expose(createCryptoService(openBackend(loadKernel), platformRandom));
