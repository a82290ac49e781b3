import { createBlstBls } from "../../../../src/node/crypto/blst-bls.ts";
import { blsBackendContract } from "../../../contract/bls-backend.ts";

blsBackendContract("blst", createBlstBls);
