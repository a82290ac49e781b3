import { describe, expect, it } from "vitest";
import { decodeWhole } from "../../../../src/core/bytes/reader.ts";
import { decodeBlock, encodeBlock } from "../../../../src/core/chain/block.ts";
import { decodeCertificate, encodeCertificate } from "../../../../src/core/chain/certificate.ts";
import { decodeCompactBlock, encodeCompactBlock } from "../../../../src/core/chain/compact-block.ts";
import { decodeEvidence, encodeEvidence } from "../../../../src/core/chain/evidence.ts";
import { decodeGenesis, encodeGenesis } from "../../../../src/core/chain/genesis.ts";
import { decodeHeader, encodeHeader } from "../../../../src/core/chain/header.ts";
import { decodeOutputCore, encodeOutput, encodeOutputCore, readOutput } from "../../../../src/core/chain/output.ts";
import { decodeTransaction, encodeTransaction } from "../../../../src/core/chain/transaction.ts";
import { decodeValidatorSet, encodeValidatorSet } from "../../../../src/core/chain/validator-set.ts";
import { TX_BYTES_MAX, BLOCK_BYTES_MAX } from "../../../../src/core/params/limits.ts";
import { decodeAuxRecords, encodeAuxRecords } from "../../../../src/core/state/aux-records.ts";
import { buildBucketProof, decodeBucketProof, encodeBucketProof } from "../../../../src/core/state/bucket-proof.ts";
import { decodeStakeState, encodeStakeState } from "../../../../src/core/state/leaf-state.ts";
import { decodeLedgerTip, encodeLedgerTip } from "../../../../src/core/state/ledger-tip.ts";
import { treeSource } from "../../../../src/core/state/tree.ts";
import { buildLeafProof, decodeLeafProof, encodeLeafProof } from "../../../../src/core/state/tree-proof.ts";
import { leafIndex } from "../../../../src/core/values/height.ts";
import { devGenesis } from "../../../../src/core/wallet/dev-genesis.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { checkDecoder, codecOf, type Codec } from "../../../support/hostile-bytes.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { curve } from "../../../support/wallet-vectors.ts";

const builder = new LedgerBuilder({ label: "decoders" });
const open = builder.publicCoin(1_000_000n);
const [note] = builder.take(1);
const rest = builder.coin(note!.amount - 1_000_000n - builder.fee([open.output, open.output], 1));
const publicTransfer = builder.transferInto([note!], [open, rest]);
const outcome = builder.extend([builder.transfer(builder.take(2)), publicTransfer]);
const block = builder.build([builder.transfer(builder.take(1)).transaction]);
const evidence = vectors.consensus.evidence.map(hexBytes);
const whole = devGenesis({ curve, bls: fakeBls }, { time: builder.tip.chain.genesisTime });
const genesis = { ...whole, outputs: whole.outputs.slice(2, 7) };
const cores = [...builder.ledger.leaves.values()].map(({ core }) => core);
const drawn = new Uint8Array(145).fill(7);
drawn[0] = 5;
const source = treeSource(builder.ledger);

const CODECS: readonly Codec[] = [
  codecOf("output", (bytes) => decodeWhole(bytes, readOutput), encodeOutput, [
    hexBytes(vectors.public_output.bytes),
    ...publicTransfer.transaction.outputs.map(encodeOutput),
  ]),
  codecOf("output core", decodeOutputCore, encodeOutputCore, [cores[0]!, cores[5]!, cores.at(-1)!, drawn]),
  codecOf("transaction", decodeTransaction, encodeTransaction, [
    hexBytes(vectors.tx.wire),
    encodeTransaction(publicTransfer.transaction),
  ]),
  codecOf("header", decodeHeader, encodeHeader, [hexBytes(vectors.dev.genesis.header0), encodeHeader(block.header)]),
  codecOf("certificate", decodeCertificate, encodeCertificate, [
    hexBytes(vectors.bls.certificate.bytes),
    hexBytes(vectors.dev.genesis.empty_cert),
  ]),
  codecOf("validator set", decodeValidatorSet, encodeValidatorSet, [hexBytes(vectors.bls.valset.bytes)]),
  codecOf("evidence", decodeEvidence, encodeEvidence, evidence),
  codecOf("block", decodeBlock, encodeBlock, [
    encodeBlock({ ...block, transactions: [], evidence: evidence.map(decodeEvidence) }),
    encodeBlock(block),
  ]),
  codecOf("compact block", decodeCompactBlock, encodeCompactBlock, [encodeCompactBlock(outcome.compact)]),
  codecOf("genesis", decodeGenesis, encodeGenesis, [encodeGenesis(genesis)]),
  codecOf("aux records", decodeAuxRecords, encodeAuxRecords, [encodeAuxRecords(builder.tip.aux)]),
  codecOf("stake state", decodeStakeState, encodeStakeState, [builder.ledger.leaf(leafIndex(0))!.stateFields]),
  codecOf("ledger tip", decodeLedgerTip, encodeLedgerTip, [encodeLedgerTip(builder.tip)]),
  codecOf("leaf proof", decodeLeafProof, encodeLeafProof, [
    hexBytes(vectors.tree.proof),
    hexBytes(vectors.tree.dead_tile_proof),
    encodeLeafProof(buildLeafProof(source, leafIndex(3))),
  ]),
  codecOf("bucket proof", decodeBucketProof, encodeBucketProof, [
    ...vectors.bucket.proofs.map(({ proof }) => hexBytes(proof)),
    encodeBucketProof(buildBucketProof(source, 0)),
  ]),
];

describe("decoders", () => {
  it.each(CODECS)(
    "[EN-3] [EN-4] of a $name throw nothing but DecodeError and accept one encoding per value",
    (codec) => checkDecoder(codec, runs(10_000, 1_000_000)),
    runs(60_000, 36_000_000),
  );

  it("[EN-3] check sizes before they look inside", () => {
    expect(() => decodeTransaction(new Uint8Array(TX_BYTES_MAX + 1))).toThrow(
      `transaction of ${TX_BYTES_MAX + 1} bytes`,
    );
    expect(() => decodeBlock(new Uint8Array(BLOCK_BYTES_MAX + 1))).toThrow(`block of ${BLOCK_BYTES_MAX + 1} bytes`);
  });
});
