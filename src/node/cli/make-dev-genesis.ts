import type { Genesis } from "../../core/chain/genesis.ts";
import { createNobleBackend } from "../../core/crypto/backend/noble-backend.ts";
import { NETWORK_PARAMS } from "../../core/params/network-params.ts";
import { timeMs } from "../../core/values/height.ts";
import { CHAIN_ID_DEV_MIN } from "../../core/values/network.ts";
import { devGenesis } from "../../core/wallet/dev-genesis.ts";
import { createBlstBls } from "../crypto/blst-bls.ts";
import { systemClock } from "../edges.ts";

/** A development network that begins now. Its keys are public: anybody can make its coins (GE-3). */
export function makeDevGenesis(options: {
  readonly validatorCount: number;
  readonly isFast: boolean;
  readonly chainId?: number | undefined;
  readonly time?: number | undefined;
}): Genesis {
  const { validatorCount, isFast, chainId, time } = options;
  const params = isFast ? { ...NETWORK_PARAMS.dev, emptyBlockMs: 1_000, epochMs: 20_000 } : NETWORK_PARAMS.dev;
  return devGenesis(
    { curve: createNobleBackend(), bls: createBlstBls() },
    {
      time: timeMs(time ?? systemClock.now()),
      params,
      chainId: chainId ?? (isFast ? CHAIN_ID_DEV_MIN + 1 : CHAIN_ID_DEV_MIN),
      validatorCount,
    },
  );
}
