import { formatHex } from "../../core/bytes/hex.ts";
import type { CoinFields, OutputCore } from "../../core/chain/output.ts";
import type { PacketCore } from "../../core/chain/packet-output.ts";
import { formatAddress } from "../../core/values/address.ts";
import type { JsonValue } from "./json-rpc.ts";
import { networkNameOf } from "./network-file.ts";

/** The fields of an output that everybody may read, which for a coin are ciphertexts and commitments only. */
export function outputJson(core: OutputCore, chainId: number): Record<string, JsonValue> {
  const network = networkNameOf(chainId);
  switch (core.type) {
    case "coin":
      return {
        ...coinJson(core),
        payload_hash: formatHex(core.payloadHash),
        range_proof_hash: formatHex(core.rangeProofHash),
      };
    case "packet":
      return packetJson(core);
    case "drawn":
      return { ...coinJson(core), packet_leaf: core.packetLeaf, slot: core.slot };
    case "public":
      return {
        ...keysJson(core),
        amount: core.amount.toString(),
        recipient: formatAddress(core.recipient, network),
        anchor: formatHex(core.anchor),
        reference: formatHex(core.reference),
      };
    case "stake":
      return {
        ...keysJson(core),
        amount: core.amount.toString(),
        bls_key: formatHex(core.blsKey),
        reward_address: formatAddress(core.reward, network),
      };
    default:
      return core satisfies never;
  }
}

function packetJson(core: PacketCore): Record<string, JsonValue> {
  const { gate } = core;
  return {
    refund_key: formatHex(core.refundKey),
    ephemeral_key: formatHex(core.ephemeralKey),
    view_tag: formatHex(core.viewTag),
    packet_key: formatHex(core.packetKey),
    mode: gate.mode,
    ...(gate.mode === "chance" ? { pow_bits: gate.powBits } : {}),
    ...(gate.mode === "ticket" ? { ticket_root: formatHex(gate.ticketRoot) } : {}),
    claim_fee: core.claimFee.toString(),
    expiry_ms: core.expiry,
    greeting: formatHex(core.greeting),
    shares: core.shares.map(({ commitment, amountEnc }) => ({
      commitment: formatHex(commitment),
      amount_enc: formatHex(amountEnc),
    })),
    range_proof_hash: formatHex(core.rangeProofHash),
  };
}

function keysJson(core: {
  readonly oneTimeKey: Uint8Array;
  readonly ephemeralKey: Uint8Array;
  readonly viewTag: Uint8Array;
}): Record<string, JsonValue> {
  return {
    one_time_key: formatHex(core.oneTimeKey),
    ephemeral_key: formatHex(core.ephemeralKey),
    view_tag: formatHex(core.viewTag),
  };
}

function coinJson(core: CoinFields): Record<string, JsonValue> {
  return {
    ...keysJson(core),
    commitment: formatHex(core.commitment),
    amount_enc: formatHex(core.amountEnc),
    anchor_enc: formatHex(core.anchorEnc),
    payload_tag: formatHex(core.payloadTag),
  };
}
