import { describe, expect, it } from "vitest";
import { historyJson } from "../../../src/api/history-export.ts";
import { SEARCH_TEXT_SIZE_MAX } from "../../../src/api/limits.ts";
import { isWorkerUrl } from "../../../src/app/client/worker-url-policy.ts";
import { en } from "../../../src/app/i18n/en.ts";
import { chooseLanguage } from "../../../src/app/i18n/language-codes.ts";
import { zh } from "../../../src/app/i18n/zh.ts";
import { addressProblem, cleanAddress } from "../../../src/app/state/address-problem.ts";
import { amountProblem } from "../../../src/app/state/amount-problem.ts";
import { isBlank } from "../../../src/app/state/blank-text.ts";
import { cleanProof } from "../../../src/app/state/check.svelte.ts";
import { formatLooked, parseLooked } from "../../../src/app/state/explore-link.ts";
import { nodePlace } from "../../../src/app/state/node-place.ts";
import { checkPhrase, replaceWord, WRONG_WORD_LENGTH_MAX } from "../../../src/app/state/phrase-check.ts";
import { ROUTES, routeOf } from "../../../src/app/state/routes.ts";
import { readScanned } from "../../../src/app/state/scanned-text.ts";
import { CHAIN_METHODS, parseChainAnswer } from "../../../src/client/network/chain-answer.ts";
import { decodeUtf8, encodeUtf8 } from "../../../src/core/bytes/utf8.ts";
import { parseCheckpoint } from "../../../src/core/sync/checkpoint-words.ts";
import { parseAddress } from "../../../src/core/values/address.ts";
import { formatAmount, parseAmount } from "../../../src/core/values/amount.ts";
import { parseKitCode } from "../../../src/core/values/kit-code.ts";
import {
  cleanRequestText,
  formatRequestFragment,
  parseRequestFragment,
  parseRequestLink,
  REQUEST_TEXT_BYTES_MAX,
} from "../../../src/core/values/payment-request.ts";
import { parsePin } from "../../../src/core/values/pin.ts";
import { parseRecoveryWords } from "../../../src/core/values/recovery-words.ts";
import { MEMO_SIZE_MAX } from "../../../src/core/wallet/payload.ts";
import { parseProof } from "../../../src/core/wallet/proof-text.ts";
import { parseStakeAcceptance, parseStakeOffer } from "../../../src/core/wallet/stake-offer.ts";
import { parseViewKey } from "../../../src/core/wallet/view-key-text.ts";
import { decodeNotes, encodeNotes } from "../../../src/core/wallet/wallet-records.ts";
import { NETWORK_OPERATOR_LENGTH_MAX, parseNetworkFile } from "../../../src/engine/services/network-file.ts";
import { parseQuery } from "../../../src/engine/services/search-blocks.ts";
import { decodeAddress, encodeAddress, parseNodeAddress } from "../../../src/net/peers/peer-addresses.ts";
import { fakeRow } from "../../support/fake-client.ts";
import { fakeAsk } from "../../support/fake-requests.ts";
import { fitted, HOSTILE_REPLAY, HOSTILE_TEXTS, hostileTexts, wellFormed } from "../../support/hostile-texts.ts";
import { networkFileOf, SMALL_GENESIS } from "../../support/network-file.ts";
import { testCurve } from "../../support/test-curve.ts";
import { testNote } from "../../support/wallet-values.ts";

const ORIGIN = "https://wallet.example";
const NETWORKS = ["main", "test", "dev"] as const;
/** What no text of a request may hold (AD-8). */
const TURNS = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const texts = hostileTexts();

/** False, or an exception, where a text is taken for what it is not, or comes back as another one. */
type Check = (text: string) => boolean;

const winnerAnswer = (winner: string): string => {
  const results = {
    status: { height: 42, time_ms: 1_700_000_000_000 },
    validators: [],
    supply: { minted: "1", burned: "0", invariant_ok: true },
    holdings: { bytes: 1 },
    award: {
      pot: "5",
      draw_at_ms: null,
      eligible: [],
      past: [{ week: 3, winner, amount: "7", beacon_height: 41 }],
    },
  };
  return JSON.stringify(CHAIN_METHODS.map((method, id) => ({ id, result: results[method] })));
};

/** The words of every sentence that somebody else's text may stand in. */
const sentences = (text: string): readonly string[] =>
  [en, zh].flatMap((t) => [t.restore.problems.unknown_word("3", text), t.explore.award.wrong(text, text)]);

const PLACES: Readonly<Record<string, Check>> = {
  "[AD-2] an address, of any network": (text) =>
    NETWORKS.every((network) => {
      const problem = addressProblem(cleanAddress(text), network, true);
      return !parseAddress(text, network).ok && Object.hasOwn(en.send.addressProblems, problem ?? "");
    }),
  "an amount, unless it is one": (text) => {
    const parsed = parseAmount(text);
    amountProblem(text, undefined, false);
    return parsed.ok ? parseAmount(formatAmount(parsed.amount)).ok : Object.hasOwn(en.send.amountProblems, parsed.code);
  },
  "[AD-8] a request, by its link or its fragment": (text) =>
    !parseRequestFragment(text).ok && !parseRequestLink(text).ok && !parseRequestLink(`/p#${text}`).ok,
  "[AD-8] in a request: refused, or exactly as it was, and it turns nothing": (text) =>
    [fitted(text, REQUEST_TEXT_BYTES_MAX), fitted(cleanRequestText(text), REQUEST_TEXT_BYTES_MAX)].every((note) => {
      let fragment: string;
      try {
        fragment = formatRequestFragment(fakeAsk({ note, reference: undefined }));
      } catch (error) {
        return error instanceof RangeError;
      }
      const read = parseRequestFragment(fragment);
      return read.ok && read.request.note === note && !TURNS.test(note);
    }),
  "[AD-8] one byte too long for a request": (text) => {
    const long = cleanRequestText(text);
    if (encodeUtf8(long).length <= REQUEST_TEXT_BYTES_MAX) return true;
    try {
      formatRequestFragment(fakeAsk({ note: long, reference: undefined }));
      return false;
    } catch (error) {
      return error instanceof RangeError;
    }
  },
  "[PP-5] a proof of payment": (text) => !parseProof(text).ok && !parseProof(cleanProof(text)).ok,
  "a scanned code: nothing of it is followed, and little of it is shown": (text) => {
    const scanned = readScanned(text, "dev");
    if (scanned.kind === "unknown")
      return Array.from(scanned.text).length <= 80 && text.trim().startsWith(scanned.text);
    return scanned.kind === "request" ? scanned.link === text : scanned.kind === "receipt" && !parseProof(text).ok;
  },
  "[AD-1] recovery words": (text) => {
    const check = checkPhrase(text, true);
    const shown = check.wrong?.word ?? "";
    return (
      !parseRecoveryWords(text).ok &&
      check.problem !== undefined &&
      /^[a-z]*…?$/.test(shown) &&
      shown.length <= WRONG_WORD_LENGTH_MAX &&
      typeof replaceWord(text, check, "abandon") === "string"
    );
  },
  "[LC-4] a checkpoint": (text) => {
    const parsed = parseCheckpoint(text);
    return !parsed.ok && Object.hasOwn(en.settings.checkpoint.problems, parsed.code);
  },
  "the code of a backup file": (text) => {
    const code = parseKitCode(text);
    return code === undefined || /^[0-9A-Z]{16}$/.test(code);
  },
  "a PIN": (text) => {
    const parsed = parsePin(text);
    return parsed.ok ? /^\d{6,32}$/.test(parsed.pin) : Object.hasOwn(en.pin.problems, parsed.code);
  },
  "[ST-1] an offer or an acceptance of a stake": (text) =>
    parseStakeOffer(text) === undefined && parseStakeAcceptance(text) === undefined,
  "[AD-6] a view key": (text) => parseViewKey(testCurve, text) === undefined,
  "a search": (text) => {
    const query = parseQuery(text, "dev");
    const isNumber = query?.type === "height" && Number.isSafeInteger(query.height);
    return (query === undefined || isNumber) && parseQuery("1".repeat(SEARCH_TEXT_SIZE_MAX + 1), "dev") === undefined;
  },
  "what the explorer shows": (text) => {
    const looked = parseLooked(text);
    return looked === undefined || formatLooked(looked) === text;
  },
  "a path: it leads nowhere, unless it is one of ours": (text) => {
    const route = routeOf(text);
    return route === undefined || ROUTES.includes(route);
  },
  "a language": (text) => chooseLanguage(text, text, [text]) === "en",
  "a worker of ours": (text) => {
    try {
      return !isWorkerUrl(text, ORIGIN);
    } catch (error) {
      return error instanceof TypeError;
    }
  },
  "where a node is": (text) => {
    const place = nodePlace(text);
    return (
      place === text ||
      text.includes(
        place
          .replace(/^\[(.*)\]:/, "$1:")
          .split(":")
          .at(-1)!,
      )
    );
  },
  "[NW-5] an address of a peer": (text) => {
    const bytes = encodeAddress(text);
    const read = bytes === undefined ? undefined : decodeAddress(bytes);
    return read === undefined && decodeAddress(encodeUtf8(text)) === undefined && parseNodeAddress(text) === undefined;
  },
  "[AW-4] who won a draw: the key of a validator, as hex": (text) => {
    const answer = parseChainAnswer(winnerAnswer(text));
    return answer === undefined || /^[0-9a-f]+$/.test(text);
  },
  "bytes of UTF-8 and back": (text) =>
    decodeUtf8(encodeUtf8(text)) === text.replace(/\p{Surrogate}/gu, "\ufffd") &&
    wellFormed(wellFormed(text)) === wellFormed(text),
  "[MS-1] the memo of a stored coin": (text) => {
    const memo = fitted(text, MEMO_SIZE_MAX);
    const [kept] = decodeNotes(encodeNotes([{ sequence: 0, note: testNote(1, 5n, { memo }), spent: undefined }]));
    return kept!.note.memo === memo;
  },
  "the history as JSON": (text) => {
    const [row] = JSON.parse(historyJson([fakeRow({ id: "leaf:1", memo: text })])) as [{ note: string }];
    return row.note === text;
  },
  "a sentence: whole, and once for each place it has": (text) =>
    sentences(text).every((sentence) => sentence.includes(text)),
  "a text with nothing to see: whoever sees something is told": (text) =>
    !isBlank(text) || !/[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replace(/[\u115f\u1160\u2800\u3164\uffa0]/g, "")),
};

describe(`${HOSTILE_TEXTS} hostile texts, ${HOSTILE_REPLAY}`, () => {
  it.each(Object.entries(PLACES))("are refused or kept exactly as %s", (_place, check) => {
    const wrong = texts.flatMap((text, index) => {
      try {
        return check(text) ? [] : [{ index, text: JSON.stringify(text).slice(0, 200) }];
      } catch (error) {
        return [{ index, text: JSON.stringify(text).slice(0, 200), error: String(error) }];
      }
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  it("as names of operators: exactly as the file has them, or the file is refused", () => {
    const address = "/ip4/127.0.0.1/tcp/1/ws";
    const read = (operators: readonly string[]) => {
      const nodes = operators.map((operator) => ({ operator, addresses: [address] }));
      return parseNetworkFile(JSON.stringify(networkFileOf(SMALL_GENESIS, nodes)));
    };
    const short = texts.filter(({ length }) => length <= NETWORK_OPERATOR_LENGTH_MAX);
    for (let first = 0; first < short.length; first += 200) {
      const operators = short.slice(first, first + 200);
      const file = read(operators);
      expect(file.ok && file.config.nodes.map(({ operator }) => operator)).toEqual(operators);
    }
    const long = texts.find(({ length }) => length === NETWORK_OPERATOR_LENGTH_MAX + 1);
    expect(read([long ?? "x".repeat(NETWORK_OPERATOR_LENGTH_MAX + 1)])).toEqual({ ok: false, reason: "operator" });
  });

  it("as addresses of nodes: what is not printable, or no path, is refused", () => {
    for (const text of texts.slice(0, 500)) {
      const file = parseNetworkFile(
        JSON.stringify(networkFileOf(SMALL_GENESIS, [{ operator: "x", addresses: [text] }])),
      );
      expect([text, file.ok && !/^(\/[!-~]+)+$/.test(text)]).toEqual([text, false]);
    }
  });

  it("hold what they are to hold", () => {
    const all = texts.join("");
    for (const part of ["\u202e", "\u2069", "\u200b", "\ud800", "<script>", "javascript:", "👩‍👩‍👧‍👦", "\u0000", "DROP"])
      expect([part, all.includes(part)]).toEqual([part, true]);
    expect(Math.max(...texts.map(({ length }) => length))).toBeGreaterThanOrEqual(10_000);
    expect(texts.filter(isBlank).length).toBeGreaterThan(100);
    expect(hostileTexts(50)).toEqual(texts.slice(0, 50));
  });
});
