import { createNobleBackend } from "../../../../../src/core/crypto/backend/noble-backend.ts";
import { curveBackendContract } from "../../../../contract/curve-backend.ts";

curveBackendContract("noble", createNobleBackend);
