import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { devValidatorSeed, DEV_VALIDATORS_MAX } from "../chain/dev-seeds.ts";
import type { Genesis } from "../chain/genesis.ts";
import type { PublicCore, StakeCore } from "../chain/output.ts";
import { possessionMessage } from "../chain/stake-possession.ts";
import { checkAddress } from "../crypto/address-check.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../crypto/bls-backend.ts";
import { isCanonicalCoordinate } from "../crypto/key-agreement.ts";
import { decodeNonIdentity } from "../crypto/point.ts";
import { checkPublicOutput, genesisAnchor } from "../crypto/public-output.ts";
import { KEY_STAKES_MAX } from "../params/limits.ts";
import { paramsHash, NETWORK_PARAMS } from "../params/network-params.ts";
import { validateParams } from "../params/validate-params.ts";
import { AMOUNT_LIMIT } from "../values/amount.ts";
import { networkOfChainId } from "../values/network.ts";
import { broken, RULE_KEPT, type RuleResult } from "../values/rule-number.ts";
import { futureRewardsTimes1000 } from "./rewards.ts";
import { isEnoughStake } from "./stakes.ts";

export interface GenesisDeps {
  readonly curve: CurveBackend;
  readonly bls: BlsBackend;
}

/** Times behind it stay below 2^53 for as long as anybody could wait (EN-1). */
export const GENESIS_TIME_LIMIT = 2 ** 52;

/** Everything a genesis must keep: GE-1, the rules of its outputs, and SU-4 for all time to come. */
export function validateGenesis(deps: GenesisDeps, genesis: Genesis): RuleResult {
  const network = networkOfChainId(genesis.chainId);
  if (network === undefined || !validateParams(genesis.params)) return broken("GE-1");
  if (genesis.time >= GENESIS_TIME_LIMIT) return broken("GE-1");
  // 0.4: main and test are what this program says they are.
  const isBuiltIn = equalBytes(paramsHash(genesis.params), paramsHash(NETWORK_PARAMS[network]));
  if (network !== "dev" && !isBuiltIn) return broken("GE-1");
  const sum = genesis.outputs.reduce((total, core) => total + core.amount, 0n);
  if (1000n * sum + futureRewardsTimes1000(genesis.params) >= 1000n * AMOUNT_LIMIT) return broken("SU-4");
  if (!hasRoomForStakes(genesis)) return broken("ST-9");
  if (network !== "dev" && holdsDevKey(deps.bls, genesis)) return broken("GE-3");
  for (const [index, core] of genesis.outputs.entries()) {
    const result = core.type === "stake" ? validateStake(deps, genesis, core) : validatePublic(deps.curve, index, core);
    if (!result.ok) return result;
  }
  return RULE_KEPT;
}

function validatePublic(curve: CurveBackend, index: number, core: PublicCore): RuleResult {
  if (!equalBytes(core.anchor, genesisAnchor(index))) return broken("GE-1");
  if (decodeNonIdentity(curve, core.oneTimeKey) === undefined) return broken("OU-1");
  return checkPublicOutput(curve, core) ? RULE_KEPT : broken("PU-1");
}

/** ST-1: enough, payable, and accepted by the key it counts for. */
export function validateStake(
  { curve, bls }: GenesisDeps,
  chain: Pick<Genesis, "chainId" | "params">,
  core: StakeCore,
): RuleResult {
  if (!isCanonicalCoordinate(core.ephemeralKey)) return broken("OU-1");
  if (decodeNonIdentity(curve, core.oneTimeKey) === undefined) return broken("OU-1");
  if (!isEnoughStake(core.amount, chain.params.minStake)) return broken("ST-1");
  if (!checkAddress(curve, core.reward).ok) return broken("ST-1");
  const message = possessionMessage(chain.chainId, core);
  return bls.verifyPossession(core.blsKey, message, core.possessionProof) ? RULE_KEPT : broken("ST-1");
}

/** ST-9, also where nothing was before. */
function hasRoomForStakes({ outputs }: Genesis): boolean {
  const counts = new Map<string, number>();
  for (const core of outputs) {
    if (core.type !== "stake") continue;
    const name = formatHex(core.blsKey);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values()) <= KEY_STAKES_MAX;
}

/** GE-3: the dev seeds are public, so a set that holds one is nobody's. */
function holdsDevKey(bls: BlsBackend, genesis: Genesis): boolean {
  const keys = Array.from({ length: DEV_VALIDATORS_MAX }, (_, index) => bls.publicKey(devValidatorSeed(index)));
  return genesis.outputs.some((core) => core.type === "stake" && keys.some((key) => equalBytes(key, core.blsKey)));
}
