import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { genesisBeacon } from "../chain/beacon.ts";
import { evidenceRoot, transactionsRoot, type Block } from "../chain/block.ts";
import { certificateHash, EMPTY_CERTIFICATE } from "../chain/certificate.ts";
import { compactRoot, hashedEntry } from "../chain/compact-block.ts";
import { genesisHash, type Genesis } from "../chain/genesis.ts";
import { blockId, type Header } from "../chain/header.ts";
import { outputHash, type StakeCore } from "../chain/output.ts";
import { encodeValidatorSet, validatorSetHash } from "../chain/validator-set.ts";
import { EMPTY_FRONTIER, frontierRoot } from "../crypto/merkle.ts";
import { ZERO_SCALAR } from "../crypto/scalar.ts";
import { BLS_SIGNATURE_SIZE } from "../params/limits.ts";
import { paramsHash } from "../params/network-params.ts";
import type { LeafRecord, LedgerReader } from "../ports/ledger-reader.ts";
import { ZERO_HASH } from "../values/hash.ts";
import { epoch, height, leafIndex, type LeafIndex } from "../values/height.ts";
import type { RuleNumber } from "../values/rule-number.ts";
import { compareBytes } from "../bytes/compare-bytes.ts";
import { applyLeaves, assignLeaves } from "./apply-block.ts";
import { stakeAccounts } from "./apply-boundary.ts";
import { auxRoot, freshAccount, type AuxRecords } from "./aux-records.ts";
import type { BlockOutcome } from "./block-outcome.ts";
import { MULTIPLIER_MIN } from "./fee-multiplier.ts";
import { decodeStakeState } from "./leaf-state.ts";
import { NO_LIVE_PACKETS } from "./live-packets.ts";
import { targetValidatorSet } from "./next-validator-set.ts";
import type { Stake } from "./stakes.ts";
import { validateGenesis, type GenesisDeps } from "./validate-genesis.ts";

/** The virtual block 0 of a valid genesis (GE-2): the same shape as any block, so a store treats it alike. */
export type GenesisResult =
  ({ readonly ok: true; readonly block: Block } & BlockOutcome) | { readonly ok: false; readonly rule: RuleNumber };

const EMPTY_LEDGER: LedgerReader = {
  leaf: () => undefined,
  node: () => undefined,
  tile: () => undefined,
  expiredPackets: () => [],
};

/** GE-1 to GE-5: checks a genesis and makes header 0 and the state behind it. */
export function genesisTip(deps: GenesisDeps, genesis: Genesis): GenesisResult {
  const valid = validateGenesis(deps, genesis);
  if (!valid.ok) return valid;
  const outputs = genesis.outputs.map((core) => ({ core }));
  const hashes = genesis.outputs.map(outputHash);
  const created = assignLeaves(0, height(0), outputs, hashes);
  const { changes, root } = applyLeaves(EMPTY_LEDGER, [], created, new Map());
  const compact = {
    height: height(0),
    firstLeaf: leafIndex(0),
    entries: genesis.outputs.map((core, index) => hashedEntry(core, hashes[index]!)),
    spent: [],
    changed: [],
  };
  const stakes = listStakes(genesis, created.records);
  const aux = genesisRecords(genesis);
  // ST-2 without churn: there is no set before.
  const validators = targetValidatorSet(stakeAccounts(aux.accounts, stakes), genesis.params);
  if (validators.length === 0) return { ok: false, rule: "GE-2" };
  const beacon = genesisBeacon(genesisHash(genesis));
  const header: Header = {
    chainId: genesis.chainId,
    height: height(0),
    round: 0,
    time: genesis.time,
    epoch: epoch(0),
    isEpochEnd: true,
    proposer: 0,
    prev: ZERO_HASH,
    txsRoot: transactionsRoot([]),
    compactRoot: compactRoot(compact),
    utxoRoot: root,
    histRoot: frontierRoot(EMPTY_FRONTIER),
    valHash: validatorSetHash(validators),
    nextValHash: validatorSetHash(validators),
    paramsHash: paramsHash(genesis.params),
    auxRoot: auxRoot(aux),
    lastCertHash: certificateHash(EMPTY_CERTIFICATE),
    evidenceRoot: evidenceRoot([]),
    nextLeaf: outputs.length,
    liveCount: outputs.length,
    minted: genesis.outputs.reduce((sum, core) => sum + core.amount, 0n),
    burned: 0n,
    accrued: 0n,
    pot: 0n,
    gammaAcc: ZERO_SCALAR,
    beacon,
    beaconSignature: new Uint8Array(BLS_SIGNATURE_SIZE),
  };
  const id = blockId(header);
  const tip = {
    chain: {
      chainId: genesis.chainId,
      genesisHash: genesisHash(genesis),
      genesisTime: genesis.time,
      params: genesis.params,
    },
    header,
    blockId: id,
    validators,
    nextValidators: validators,
    epochSeed: beacon,
    aux,
    stakes,
    packets: NO_LIVE_PACKETS,
    recentIds: [id],
    history: EMPTY_FRONTIER,
  };
  const { cores, payloads, rangeProofs } = created;
  const validatorSet = { hash: header.nextValHash, bytes: encodeValidatorSet(validators) };
  const block: Block = { header, lastCertificate: EMPTY_CERTIFICATE, evidence: [], transactions: [] };
  return {
    ok: true,
    block,
    tip,
    changes,
    compact,
    cores,
    payloads,
    rangeProofs,
    award: undefined,
    txids: [],
    validatorSet,
  };
}

function listStakes(genesis: Genesis, records: ReadonlyMap<LeafIndex, LeafRecord>): readonly Stake[] {
  return genesis.outputs.flatMap((core, index) => {
    if (core.type !== "stake") return [];
    const leaf = leafIndex(index);
    return [{ leaf, blsKey: core.blsKey, state: decodeStakeState(records.get(leaf)!.stateFields) }];
  });
}

/** Records of height 0 (GE-5). The reward address of a key is that of its oldest stake (ST-1). */
function genesisRecords(genesis: Genesis): AuxRecords {
  const oldest = new Map<string, StakeCore>();
  for (const core of genesis.outputs) {
    if (core.type === "stake" && !oldest.has(formatHex(core.blsKey))) oldest.set(formatHex(core.blsKey), core);
  }
  const accounts = [...oldest.values()]
    .map(({ blsKey, reward }) => freshAccount(blsKey, reward, epoch(0)))
    .sort((left, right) => compareBytes(left.blsKey, right.blsKey));
  const record = {
    multiplier: MULTIPLIER_MIN,
    previousMultiplier: MULTIPLIER_MIN,
    start: genesis.time,
    firstLeaf: genesis.outputs.length,
  };
  return { accounts, epoch: record, award: undefined };
}

/** True iff a stored tip belongs to this genesis: a node refuses a database of another chain. */
export function isTipOfGenesis(
  tip: { readonly chain: { readonly genesisHash: Uint8Array } },
  genesis: Genesis,
): boolean {
  return equalBytes(tip.chain.genesisHash, genesisHash(genesis));
}
