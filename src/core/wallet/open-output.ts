import { equalBytes } from "../bytes/compare-bytes.ts";
import {
  outputHash,
  type CoinCore,
  type DrawnCore,
  type OutputCore,
  type PublicCore,
  type StakeCore,
} from "../chain/output.ts";
import type { PacketCore } from "../chain/packet-output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { commitPublic } from "../crypto/commitment.ts";
import { deriveContext, deriveKeyOffset } from "../crypto/output-keys.ts";
import { ZERO_SCALAR } from "../crypto/scalar.ts";
import { timeMs } from "../values/height.ts";
import { openDrawn, openOwnPacket, type KnownPackets } from "./open-packet.ts";
import type { OpenedNote, OpeningGuess } from "./opened-note.ts";
import { derivePaymentFromAnchor, findOwner, isEphemeralKeyOf, openAmount, openCoin } from "./output-secrets.ts";
import type { SubaddressTable } from "./subaddress-table.ts";

const NO_PACKETS: KnownPackets = new Map();

/**
 * Step 4 of 2.3 for the types a wallet can own: coins (0), public outputs (1), stakes (2) and packets (3) as they are when
 * made, and what is drawn from packets (5). undefined for whatever is not ours, with no word about why (OU-10).
 */
export function openOutput(
  curve: CurveBackend,
  addresses: SubaddressTable,
  core: OutputCore,
  guess: OpeningGuess,
  packets: KnownPackets = NO_PACKETS,
): OpenedNote | undefined {
  if (guess.origin === "external" && isInternalOnly(core)) return undefined;
  switch (core.type) {
    case "coin": {
      const coin = openCoin(curve, addresses, core, guess.origin, guess.secret, guess.n);
      if (coin === undefined) return undefined;
      return {
        amount: coin.amount,
        blinding: coin.blinding,
        oneTimeKey: core.oneTimeKey,
        keyOffset: coin.keyOffset,
        account: coin.account,
        addressIndex: coin.addressIndex,
        isInternal: coin.origin === "internal",
        ephemeralKey: core.ephemeralKey,
        counter: coin.n,
        memo: undefined,
        outputHash: outputHash(core),
      };
    }
    case "public":
      return guess.origin === "external" && guess.n === 0 ? openPublic(curve, addresses, core, guess) : undefined;
    case "stake":
      return openStake(curve, addresses, core, guess);
    case "packet":
      return openOwnPacket(curve, addresses, core, guess);
    case "drawn":
      return openDrawn(curve, addresses, core, guess, packets);
    default:
      return core satisfies never;
  }
}

/** Whether s_vb alone finds outputs of this type (OU-11): the context of one that is ours hangs on it. */
export function isInternalOnly(core: OutputCore): core is StakeCore | PacketCore | DrawnCore {
  return core.type === "stake" || core.type === "packet" || core.type === "drawn";
}

/**
 * Was this made with our view key, whichever address it went to? Then it is worth looking through more addresses than
 * usual; a stranger's output that carries our tag by chance never is.
 */
export function isMadeForUs(curve: CurveBackend, core: CoinCore | PublicCore, guess: OpeningGuess): boolean {
  switch (core.type) {
    case "coin":
      return openAmount(curve, core, guess.secret, guess.n) !== undefined;
    case "public": {
      const payment = derivePaymentFromAnchor(curve, core.recipient, core.amount, core.anchor);
      return payment !== undefined && equalBytes(payment.sharedSecret, guess.secret);
    }
    default:
      return core satisfies never;
  }
}

/** OU-11: k_o is bound to the key of the validator. */
function openStake(
  curve: CurveBackend,
  addresses: SubaddressTable,
  core: StakeCore,
  guess: OpeningGuess,
): OpenedNote | undefined {
  const keyOffset = deriveKeyOffset(curve, deriveContext(guess.secret, core.ephemeralKey, guess.n), core.blsKey);
  const owner = findOwner(curve, addresses, core.oneTimeKey, keyOffset);
  if (owner === undefined) return undefined;
  return {
    amount: core.amount,
    blinding: ZERO_SCALAR,
    oneTimeKey: core.oneTimeKey,
    keyOffset,
    account: owner.account,
    addressIndex: owner.index,
    isInternal: true,
    ephemeralKey: core.ephemeralKey,
    counter: guess.n,
    memo: undefined,
    outputHash: outputHash(core),
    stake: { blsKey: core.blsKey, status: "bonded", release: timeMs(0) },
  };
}

/** PU-1 as its recipient checks it: the amount is in clear, so C = a·H and there is no blinding factor. */
function openPublic(
  curve: CurveBackend,
  addresses: SubaddressTable,
  core: PublicCore,
  guess: OpeningGuess,
): OpenedNote | undefined {
  const commitment = curve.ristrettoEncode([commitPublic(curve, core.amount)]);
  const keyOffset = deriveKeyOffset(curve, deriveContext(guess.secret, core.ephemeralKey, guess.n), commitment);
  const owner = findOwner(curve, addresses, core.oneTimeKey, keyOffset);
  if (owner === undefined) return undefined;
  const address = owner.address();
  if (!equalBytes(address.spendKey, core.recipient.spendKey)) return undefined;
  if (!isEphemeralKeyOf(curve, core.ephemeralKey, core.anchor, core.amount, address)) return undefined;
  return {
    amount: core.amount,
    blinding: ZERO_SCALAR,
    oneTimeKey: core.oneTimeKey,
    keyOffset,
    account: owner.account,
    addressIndex: owner.index,
    isInternal: false,
    ephemeralKey: core.ephemeralKey,
    counter: 0,
    memo: undefined,
    outputHash: outputHash(core),
    anchor: core.anchor,
  };
}
