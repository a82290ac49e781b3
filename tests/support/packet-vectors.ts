import { decodeClaim, type Claim } from "../../src/core/chain/claim.ts";
import { decodePacketOutput } from "../../src/core/chain/packet-output.ts";
import { amount } from "../../src/core/values/amount.ts";
import { leafIndex } from "../../src/core/values/height.ts";
import { hexBytes, vectors } from "./protocol-vectors.ts";

/** The packet of the vectors and its three claims, one for each mode, under the same keys. */
export const packetVector = vectors.packet_output;
export const packet = decodePacketOutput(hexBytes(packetVector.bytes));
export const linkSecret = hexBytes(packetVector.L);
export const amounts = packetVector.amounts.map((text) => amount(BigInt(text)));
export const claims: readonly Claim[] = packetVector.claims.map((each) => decodeClaim(hexBytes(each.bytes)));
export const packetLeaf = leafIndex(300);
