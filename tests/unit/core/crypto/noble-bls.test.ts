import { createNobleBls } from "../../../../src/core/crypto/noble-bls.ts";
import { blsBackendContract } from "../../../contract/bls-backend.ts";

blsBackendContract("noble", createNobleBls);
