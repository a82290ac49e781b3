import { expose } from "comlink";
import { loadKernel } from "../../../src/client/crypto/load-kernel.ts";
import { WorkGroups } from "./work-groups.ts";

expose(new WorkGroups(loadKernel));
