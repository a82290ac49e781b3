import { formatHex } from "../../core/bytes/hex.ts";
import type { Certificate } from "../../core/chain/certificate.ts";
import { blockId, type Header } from "../../core/chain/header.ts";
import type { JsonValue } from "./json-rpc.ts";

/** All fields of a header under their names in the protocol (6.1); sums of amounts as decimal strings of µSTG. */
export function headerJson(header: Header): Record<string, JsonValue> {
  return {
    hash: formatHex(blockId(header)),
    chain_id: header.chainId,
    height: header.height,
    round: header.round,
    time_ms: header.time,
    epoch: header.epoch,
    epoch_end: header.isEpochEnd,
    proposer: header.proposer,
    prev: formatHex(header.prev),
    txs_root: formatHex(header.txsRoot),
    compact_root: formatHex(header.compactRoot),
    utxo_root: formatHex(header.utxoRoot),
    hist_root: formatHex(header.histRoot),
    val_hash: formatHex(header.valHash),
    next_val_hash: formatHex(header.nextValHash),
    params_hash: formatHex(header.paramsHash),
    aux_root: formatHex(header.auxRoot),
    last_cert_hash: formatHex(header.lastCertHash),
    evidence_root: formatHex(header.evidenceRoot),
    next_leaf: header.nextLeaf,
    live_count: header.liveCount,
    minted: header.minted.toString(),
    burned: header.burned.toString(),
    accrued: header.accrued.toString(),
    pot: header.pot.toString(),
    gamma_acc: formatHex(header.gammaAcc),
    beacon: formatHex(header.beacon),
    beacon_sig: formatHex(header.beaconSignature),
  };
}

/** Round, seats that signed, aggregate signature. */
export function certificateJson(certificate: Certificate): JsonValue {
  return {
    round: certificate.round,
    seats: certificate.signers.length,
    signers: certificate.signers.flatMap((hasSigned, seat) => (hasSigned ? [seat] : [])),
    signature: formatHex(certificate.signature),
  };
}
