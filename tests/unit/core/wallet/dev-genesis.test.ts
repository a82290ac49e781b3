import { describe, expect, it } from "vitest";
import { formatHex, parseHex } from "../../../../src/core/bytes/hex.ts";
import { encodeCertificate, EMPTY_CERTIFICATE } from "../../../../src/core/chain/certificate.ts";
import { decodeGenesis, encodeGenesis, genesisHash } from "../../../../src/core/chain/genesis.ts";
import { blockId, encodeHeader } from "../../../../src/core/chain/header.ts";
import { encodeOutputCore } from "../../../../src/core/chain/output.ts";
import { encodeValidatorSet } from "../../../../src/core/chain/validator-set.ts";
import { createNobleBls } from "../../../../src/core/crypto/noble-bls.ts";
import { listAuxRecords } from "../../../../src/core/state/aux-records.ts";
import { genesisTip } from "../../../../src/core/state/genesis-tip.ts";
import { leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { devFaucetSeed, devGenesis, devValidatorSeed } from "../../../../src/core/wallet/dev-genesis.ts";
import vectors from "../../../vectors/protocol-v1.json" with { type: "json" };
import { testCurve } from "../../../support/test-curve.ts";

const deps = { curve: testCurve, bls: createNobleBls() };
const expected = vectors.dev.genesis;

describe("the dev genesis", () => {
  const genesis = devGenesis(deps, { time: timeMs(Number(expected.time_ms)), chainId: expected.chain_id });

  it("[GE-3] comes out of the public seeds", () => {
    expect(formatHex(devFaucetSeed())).toBe(vectors.dev.faucet_seed);
    expect(formatHex(devValidatorSeed(0))).toBe(vectors.dev.validator_seed_0);
    expect(formatHex(deps.bls.publicKey(devValidatorSeed(0)))).toBe(vectors.dev.validator_pk_0);
    const outputs = genesis.outputs.map((core) => formatHex(encodeOutputCore(core)));
    expect(outputs.length).toBe(expected.n_outputs);
    expect(outputs.slice(0, 4)).toEqual(expected.stake_outputs);
    expect(outputs[4]).toBe(expected.faucet_output_leaf4);
    expect(outputs[67]).toBe(expected.faucet_output_leaf67);
  });

  it("[GE-1] has one encoding and one hash", () => {
    const bytes = encodeGenesis(genesis);
    expect(bytes.length).toBe(expected.binary_length);
    expect(formatHex(genesisHash(genesis))).toBe(expected.genesis_hash);
    expect(encodeGenesis(decodeGenesis(bytes))).toEqual(bytes);
  });

  it("[GE-2] [GE-5] gives header 0 and the records behind it", () => {
    const result = genesisTip(deps, genesis);
    if (!result.ok) throw new Error(result.rule);
    const { tip, changes } = result;
    expect(listAuxRecords(tip.aux).map(formatHex)).toEqual(expected.aux_records);
    expect(formatHex(encodeValidatorSet(tip.validators))).toBe(expected.valset);
    expect(formatHex(encodeCertificate(EMPTY_CERTIFICATE))).toBe(expected.empty_cert);
    expect(formatHex(encodeHeader(tip.header))).toBe(expected.header0);
    expect(formatHex(tip.blockId)).toBe(expected.block_id0);
    expect(blockId(result.block.header)).toEqual(tip.blockId);
    expect(changes.leaves.get(leafIndex(0))?.stateFields.length).toBe(17);
    expect(parseHex(expected.stake_state_0).length).toBe(32);
  });
});
