import { expose } from "comlink";
import type { ScanApi } from "../src/api/scan-api.ts";
import { readCode } from "../src/client/scan/read-code.ts";

expose({ read: readCode } satisfies ScanApi);
