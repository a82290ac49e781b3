import { devFaucetSeed, devOwnerSeed, devValidatorSeed } from "../chain/dev-seeds.ts";
import type { Genesis } from "../chain/genesis.ts";
import type { PublicCore, StakeCore } from "../chain/output.ts";
import { possessionMessage } from "../chain/stake-possession.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import { clamp, x25519, X25519_BASE } from "../crypto/key-agreement.ts";
import { deriveContext, deriveKeyOffset, deriveOneTimeKey, deriveTags, viewTagOf } from "../crypto/output-keys.ts";
import { derivePublicOutput, genesisAnchor } from "../crypto/public-output.ts";
import { taggedHash } from "../crypto/tagged-hash.ts";
import { NETWORK_PARAMS, type NetworkParams } from "../params/network-params.ts";
import type { AddressKeys } from "../values/address.ts";
import { amount, MICRO_PER_STG } from "../values/amount.ts";
import type { TimeMs } from "../values/height.ts";
import { u32 } from "../bytes/writer.ts";
import { CHAIN_ID_DEV_MIN } from "../values/network.ts";
import { deriveAccount, deriveAddress } from "./keys.ts";

export { devFaucetSeed, devOwnerSeed, devValidatorSeed };

/** Stake of each dev validator (GE-3). */
export const DEV_STAKE = amount(100_000n * MICRO_PER_STG);
/** Outputs of the faucet, and what each holds (GE-3). */
export const DEV_FAUCET_OUTPUT_COUNT = 64;
export const DEV_FAUCET_OUTPUT_AMOUNT = amount(156_250n * MICRO_PER_STG);
const DEV_VALIDATOR_COUNT = 4;

export interface DevGenesisOptions {
  readonly time: TimeMs;
  readonly params?: NetworkParams;
  readonly chainId?: number;
  /** 0.4 allows more than four for tests. */
  readonly validatorCount?: number;
}

/** GE-3: a genesis out of public seeds, the same for everybody who names the same time. */
export function devGenesis(
  deps: { readonly curve: CurveBackend; readonly bls: BlsBackend },
  options: DevGenesisOptions,
): Genesis {
  const {
    time,
    params = NETWORK_PARAMS.dev,
    chainId = CHAIN_ID_DEV_MIN,
    validatorCount = DEV_VALIDATOR_COUNT,
  } = options;
  const stakes = Array.from({ length: validatorCount }, (_, index) => devStake(deps, chainId, index));
  const faucet = deriveAddress(deps.curve, deriveAccount(deps.curve, devFaucetSeed(), 0).view, 0);
  const coins = Array.from({ length: DEV_FAUCET_OUTPUT_COUNT }, (_, index) => {
    return devCoin(deps.curve, faucet, validatorCount + index);
  });
  return { chainId, time, params, outputs: [...stakes, ...coins] };
}

/** An internal output of the owner's wallet; its k_o is bound to the validator key (OU-11). */
function devStake(
  { curve, bls }: { readonly curve: CurveBackend; readonly bls: BlsBackend },
  chainId: number,
  index: number,
): StakeCore {
  const { view } = deriveAccount(curve, devOwnerSeed(index), 0);
  const reward = deriveAddress(curve, view, 0);
  const ephemeralKey = x25519(curve, clamp(taggedHash("stg/dev/D", u32(index)).slice(0, 32)), X25519_BASE);
  const blsKey = bls.publicKey(devValidatorSeed(index));
  const keyOffset = deriveKeyOffset(curve, deriveContext(view.viewAllSecret, ephemeralKey, 0), blsKey);
  const unproven = { blsKey, reward, oneTimeKey: deriveOneTimeKey(curve, reward.spendKey, keyOffset) };
  return {
    type: "stake",
    ...unproven,
    amount: DEV_STAKE,
    ephemeralKey,
    viewTag: viewTagOf(deriveTags(view.viewAllSecret, ephemeralKey), 0),
    possessionProof: bls.prove(devValidatorSeed(index), possessionMessage(chainId, unproven)),
  };
}

function devCoin(curve: CurveBackend, recipient: AddressKeys, leaf: number): PublicCore {
  const anchor = genesisAnchor(leaf);
  const keys = derivePublicOutput(curve, recipient, DEV_FAUCET_OUTPUT_AMOUNT, anchor);
  // Zero only for an address that fails AD-3, and ours does not.
  if (keys === undefined) throw new RangeError("faucet address has no shared secret");
  const { oneTimeKey, ephemeralKey, viewTag } = keys;
  const reference = new Uint8Array(32);
  return {
    type: "public",
    oneTimeKey,
    amount: DEV_FAUCET_OUTPUT_AMOUNT,
    ephemeralKey,
    viewTag,
    recipient,
    anchor,
    reference,
  };
}
