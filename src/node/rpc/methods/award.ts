import { equalBytes } from "../../../core/bytes/compare-bytes.ts";
import { formatHex } from "../../../core/bytes/hex.ts";
import { encodeCertificate } from "../../../core/chain/certificate.ts";
import { encodeHeader } from "../../../core/chain/header.ts";
import { encodeOutputCore } from "../../../core/chain/output.ts";
import { AWARD_WEEKS_KEPT } from "../../../core/params/limits.ts";
import type { FullNodeStore } from "../../../core/ports/full-node-store.ts";
import { awardWinner } from "../../../core/state/award.ts";
import { decodeAwardDraw } from "../../../core/state/award-draw.ts";
import type { JsonValue } from "../json-rpc.ts";
import type { NodeView } from "../node-view.ts";
import { parseParameters, wholeParameter } from "../parameters.ts";

/**
 * `award`: the pot as the newest block has it, about when it is drawn, and the BLS keys it would be drawn among; then past
 * draws with what it takes to recheck them (AW-4), newest first, or only the newest `past` of them. Those of blocks that
 * this node has seen become final, so none from before a snapshot.
 */
export async function award(view: NodeView, params: unknown): Promise<JsonValue> {
  const parameters = parseParameters(params, ["past"]);
  const count = parameters.has("past") ? wholeParameter(parameters, "past", AWARD_WEEKS_KEPT + 1) : AWARD_WEEKS_KEPT;
  const { pot, drawAt, eligible } = view.award();
  const draws = await view.store.awardDraws(count);
  const past = await Promise.all(draws.map((draw) => drawJson(view.store, draw)));
  return { pot: pot.toString(), draw_at_ms: drawAt, eligible: eligible.map(formatHex), past };
}

async function drawJson(store: FullNodeStore, bytes: Uint8Array): Promise<JsonValue> {
  const draw = decodeAwardDraw(bytes);
  const { header, beaconHeader, payout } = draw;
  const { beacon, height } = beaconHeader;
  const isOneSet = equalBytes(header.valHash, beaconHeader.valHash);
  const setHashes = isOneSet ? [header.valHash] : [header.valHash, beaconHeader.valHash];
  const sets = await Promise.all(setHashes.map((each) => store.validatorSet(each)));
  return {
    week: Number(draw.week),
    winner: formatHex(draw.blsKeys[awardWinner(draw, beacon)]!),
    amount: payout.amount.toString(),
    beacon_height: height,
    eligible_list: draw.blsKeys.map(formatHex),
    beacon: formatHex(beacon),
    header: formatHex(encodeHeader(header)),
    cert: formatHex(encodeCertificate(draw.certificate)),
    aux_proof: draw.listProof.map(formatHex),
    beacon_header: formatHex(encodeHeader(beaconHeader)),
    beacon_cert: formatHex(encodeCertificate(draw.beaconCertificate)),
    payout: formatHex(encodeOutputCore(payout)),
    payout_proof: draw.payoutProof.map(formatHex),
    validator_sets: sets.flatMap((set) => (set === undefined ? [] : [formatHex(set)])),
  };
}
