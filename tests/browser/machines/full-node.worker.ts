import { createNobleBackend } from "../../../src/core/crypto/backend/noble-backend.ts";
import { NETWORK_PARAMS } from "../../../src/core/params/network-params.ts";
import { timeMs } from "../../../src/core/values/height.ts";
import { devGenesis } from "../../../src/core/wallet/dev-genesis.ts";
import { FullNodeSimulation } from "../../sim/full-node-simulator.ts";
import { fakeBls } from "../../support/fake-bls.ts";

/** Runs four validators to a height and answers with the heights they reached, or with what went wrong. */
onmessage = async (event: MessageEvent<number>) => {
  try {
    const time = timeMs(1_700_000_000_000);
    const curve = createNobleBackend();
    const genesis = devGenesis({ curve, bls: fakeBls }, { time, params: NETWORK_PARAMS.dev, validatorCount: 4 });
    const simulation = new FullNodeSimulation({ curve, genesis, seed: 1, validatorCount: 4 });
    await simulation.start();
    await simulation.runUntil(() => simulation.lowestHeight() >= event.data, 120_000);
    postMessage(simulation.nodes.map((node) => simulation.heightOf(node)));
  } catch (error) {
    postMessage(String(error));
  }
};
