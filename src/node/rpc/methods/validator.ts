import { formatHex } from "../../../core/bytes/hex.ts";
import { BLS_KEY_SIZE } from "../../../core/params/limits.ts";
import { formatAddress } from "../../../core/values/address.ts";
import type { JsonValue } from "../json-rpc.ts";
import { networkNameOf } from "../network-file.ts";
import type { NodeView } from "../node-view.ts";
import { bytesParameter, parseParameters } from "../parameters.ts";
import { invalidParams } from "../rpc-error.ts";

/** `validator {key}`: where a key stands, with a seat or without. */
export function validator(view: NodeView, params: unknown): JsonValue {
  const blsKey = bytesParameter(parseParameters(params, ["key"]), "key", BLS_KEY_SIZE);
  if (blsKey.length !== BLS_KEY_SIZE) throw invalidParams(`key must be ${BLS_KEY_SIZE} bytes of hex`);
  const { standing, epoch, seat, account, stake } = view.validatorKey(blsKey);
  return {
    key: formatHex(blsKey),
    chain_id: view.chainId,
    status: standing,
    epoch,
    seat: seat ?? null,
    stake: stake.toString(),
    balance: (account?.balance ?? 0n).toString(),
    reward_address: account === undefined ? null : formatAddress(account.reward, networkNameOf(view.chainId)),
    last_signed_epoch: account?.lastSignedEpoch ?? null,
    unjail_epoch: account?.unjailEpoch ?? null,
  };
}
