import type { Texts } from "../../src/app/i18n/en.ts";
import { claimTexts as enClaim } from "../../src/app/i18n/en/claim.ts";
import { zh } from "../../src/app/i18n/zh.ts";
import { claimTexts as zhClaim } from "../../src/app/i18n/zh/claim.ts";

/** The words that a screen has for a code; undefined where it has none. */
type WordsOf = (texts: Texts, code: string) => string | undefined;

const from =
  (pick: (texts: Texts) => object): WordsOf =>
  (texts, code) => {
    const words = (pick(texts) as Readonly<Record<string, string | ((value: string, other: string) => string)>>)[code];
    return typeof words === "function" ? words("4", "5") : words;
  };

const stopped: WordsOf = (t, code) =>
  (t.stopped.problems as Readonly<Record<string, { readonly title: string; readonly text: string }>>)[code]?.text;

/** The claim page has texts of its own. */
const claimed: WordsOf = (texts, code) => {
  const { problems } = (texts.app.tryAgain === zh.app.tryAgain ? zhClaim : enClaim).claim;
  return (problems as Readonly<Record<string, { readonly text: string }>>)[code]?.text;
};

/** What is refused of a payment stands beside the field that it is about. */
const proposed = from((t) => ({
  insufficient_funds: t.send.insufficient("0.000007 STG"),
  funds_busy: t.send.busy("734.56 STG"),
  not_ready: t.send.notReady,
  address_invalid: t.send.addressProblems.bad_encoding,
  amount_zero: t.send.amountProblems.amount_zero,
  memo_too_long: t.send.memoTooLong,
}));

/** Unions that no screen tells anybody: what they would say is said elsewhere, or the command line alone asks. */
export const UNTOLD: readonly string[] = [
  // Without an answer the row of a stake says what the newest validators say of its seat.
  "ValidatorsResult.code",
  // The claim page opens a packet without looking at it before; of one's own, what could not be looked at is looked at again.
  "LookLinkResult.code",
  // Whatever it is: the claim page says in one line that the picture cannot be shown.
  "PacketPictureResult.code",
];

/** Where the words for each union of codes are. One that is missing here fails a test, and so does one without words. */
export const PROBLEM_WORDS: Readonly<Record<string, WordsOf>> = {
  "OpenResult.code": stopped,
  "ClientEvent.code": stopped,
  "RestoreResult.code": (t, code) => {
    if (code === "wallet_exists") return t.restore.exists.text;
    return code === "words_invalid" ? t.restore.problems.words_invalid : stopped(t, code);
  },
  "ProposeResult.code": proposed,
  "OfferResult.code": from((t) => t.stake.offerProblems),
  "ProposeStakeResult.code": from((t) => t.stake.problems),
  // What is refused of a packet stands beside its fields as well.
  "ProposePacketResult.code": from((t) => ({
    ...t.packets.problems,
    insufficient_funds: t.send.insufficient("0.000007 STG"),
    funds_busy: t.newPacket.busy("734.56 STG"),
    amount_zero: t.send.amountProblems.amount_zero,
  })),
  "ConfirmResult.code": from((t) => t.review.problems),
  // Whether anybody can hold an address is asked again with the payment, which says that the app is not ready.
  "AddressCheck.code": (t, code) =>
    code === "not_ready" ? t.send.notReady : from((each) => each.send.addressProblems)(t, code),
  "FaucetResult.code": from((t) => t.faucet.problems),
  "MakeProofResult.code": from((t) => t.proof.problems),
  "ProofCheck.code": (t, code) =>
    code === "unchecked" ? t.check.unchecked.title : from((each) => each.check.problems)(t, code),
  "ProofCheck.reason": from((t) => t.check.unchecked.reasons),
  "CheckpointResult.code": from((t) => t.settings.checkpoint.problems),
  "SyncView.problem": from((t) => t.sync.problems),
  "RestoreView.problem": from((t) => t.restoring.problems),
  "LockedResult.code": (t) => t.lock.title,
  "RestoreBackupResult.code": (t, code) =>
    code === "wallet_exists" ? t.restore.exists.text : (from((each) => each.kit.problems)(t, code) ?? stopped(t, code)),
  "CheckKitResult.code": from((t) => t.kit.problems),
  "SetPinResult.code": from((t) => t.pin.problems),
  "ChangeLockResult.code": from((t) => t.pin.problems),
  "AddPasskeyResult.code": from((t) => t.passkey.problems),
  "LockView.refused": (t, code) =>
    code === "passkey_unknown"
      ? t.passkey.problems.passkey_unknown
      : ({ wrong_pin: t.lock.wrongPin, too_soon: t.lock.wait } as Readonly<Record<string, string>>)[code],
  "MakeRequestResult.code": from((t) => t.request.problems),
  "ReadRequestResult.code": (t, code) =>
    (t.request.asked.problems as Readonly<Record<string, { readonly text: string }>>)[code]?.text,
  "BlockResult.code": from((t) => t.look.problems),
  // Whoever looks for a block that is not made yet is told that there is no such block.
  "SearchResult.problem": (t, code) =>
    code === "not_made" ? t.search.nothingHeight : from((each) => each.look.problems)(t, code),
  "SearchResult.code": (t) => t.search.notAQuery,
  "PictureResult.code": from((t) => t.newPacket.picture.problems),
  "OpenLinkResult.code": claimed,
  "PacketCheckResult.code": from((t) => t.drawCheck.problems),
  "NodeView.fault": from((t) => t.settings.nodes.faults),
};
