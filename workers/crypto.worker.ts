import { expose } from "comlink";
import { createCryptoService } from "../src/client/crypto/crypto-service.ts";
import { platformRandom } from "../src/client/crypto/platform-random.ts";
import { createNobleBackend } from "../src/core/crypto/backend/noble-backend.ts";

expose(createCryptoService(createNobleBackend(), platformRandom));
