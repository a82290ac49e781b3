import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import { createNobleBackend } from "../../src/core/crypto/backend/noble-backend.ts";
import { amount } from "../../src/core/values/amount.ts";
import { formatRecoveryWords } from "../../src/core/values/recovery-words.ts";
import { deriveAccount, deriveAddress } from "../../src/core/wallet/keys.ts";
import { frameType } from "../../src/wire/frame.ts";
import { PROTOCOL } from "../../src/wire/protocols.ts";
import { decodeRangeItem, encodeRangeItem, RANGE_REQUEST_TYPE } from "../../src/wire/requests/range.ts";
import { fillDevnet } from "../bench/support/fill-devnet.ts";
import { Person } from "../support/browser.ts";
import { removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";
import { omitNewestOutput } from "../support/omit-output.ts";
import { PageOrigin } from "../support/page-origin.ts";
import { RelayingNode, type FrameChange } from "../support/relaying-node.ts";

const SEED = new Uint8Array(32).fill(5);
const OPERATORS = ["honest-one", "liar", "honest-two"] as const;
const RESTORE_TIMEOUT_MS = 120_000;
/** Eight ranges, each with coins. */
const OUTPUTS = 8 * 1024;
const COINS = 16;

const curve = createNobleBackend();
const { view } = deriveAccount(curve, SEED, 0);
const PAYMENTS = Array.from({ length: COINS }, (_, index) => ({
  to: deriveAddress(curve, view, 0),
  amount: amount(1_000_000n + BigInt(index)),
}));
const TOTAL = PAYMENTS.reduce((sum, payment) => sum + payment.amount, 0n);

const relays: RelayingNode[] = [];
/** Ranges that each gave, honest or not. */
const rangesGiven = OPERATORS.map(() => 0);
/** The console of the page and its workers. */
const said: string[] = [];
let devnet: Devnet;
let origin: PageOrigin;
let carol: Person;
let tellLie: () => void;
const lie = new Promise<void>((resolve) => (tellLie = resolve));

/** Each answers as a validator of its own. The liar leaves an output out of every range; the others wait for its first. */
async function startRelay(index: number): Promise<void> {
  const source = devnet.file.validators[index]!.addresses.find((address) => /\/tcp\/\d+\/p2p\//.test(address))!;
  const { chainId } = await chainOf();
  const relay = await RelayingNode.start({ chainId, listen: ["/ip4/127.0.0.1/tcp/0/ws"], source });
  relays.push(relay);
  const { status, hdr, compact, pool, bucket, tx, block, range } = PROTOCOL;
  for (const protocol of [status, hdr, compact, pool, bucket, tx, block]) await relay.relay(protocol);
  const bend: FrameChange = async (frame, request) => {
    if (frameType(request) === RANGE_REQUEST_TYPE.roots) return frame;
    rangesGiven[index]!++;
    if (OPERATORS[index] !== "liar") {
      await lie;
      return frame;
    }
    tellLie();
    return encodeRangeItem(omitNewestOutput(decodeRangeItem(frame)));
  };
  await relay.relay(range, bend);
}

async function chainOf(): Promise<{ readonly chainId: number }> {
  const file = (await (await fetch(`${devnet.url}/network.json`)).json()) as { readonly chain_id: number };
  return { chainId: file.chain_id };
}

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), "stegos-lied-to-"));
  await fillDevnet(directory, { liveCount: OUTPUTS, payments: PAYMENTS, validatorCount: OPERATORS.length });
  devnet = await startDevnet({ directory });
  for (const index of OPERATORS.keys()) await startRelay(index);
  origin = new PageOrigin(() => devnet.url);
  const nodes = OPERATORS.map((operator, index) => ({ operator, addresses: relays[index]!.host.addresses() }));
  origin.change = (file) => ({ ...file, nodes });
  await origin.start();
});

afterAll(async () => {
  await carol.leave();
  await origin.stop();
  for (const relay of relays) await relay.stop();
  await devnet.stop();
  await removeDevnet(devnet);
});

describe("a browser that restores a wallet while one of three nodes lies", () => {
  it("[BL-7] [NW-16] leaves it, and the other two bring every coin", async () => {
    carol = await Person.arrive("carol", origin.url);
    carol.page.on("console", (message) => said.push(message.text()));
    await carol.tap("onboard-restore");
    await carol.type("restore-phrase", formatRecoveryWords(SEED));
    await carol.tap("restore-submit");
    await carol.see("home-balance", "data-total", TOTAL.toString(), RESTORE_TIMEOUT_MS);
    await carol.page.getByTestId("restored").waitFor({ timeout: RESTORE_TIMEOUT_MS });
    await carol.see("home-balance", "data-usable", TOTAL.toString(), RESTORE_TIMEOUT_MS);
    const [first, liar, second] = rangesGiven as [number, number, number];
    expect(liar).toBeGreaterThan(0);
    expect(first + second).toBeGreaterThanOrEqual(OUTPUTS / 1024);
  });

  it("[NW-16] the log names it and nobody else", () => {
    expect(said.filter((line) => line.includes("was left"))).toEqual(["node 1 (liar) was left: wrong_range"]);
  });

  it("[NW-16] the settings name it and nobody else", async () => {
    await carol.page.getByRole("link", { name: en.tabs.me }).click();
    await carol.tap("settings-open");
    const rows = carol.page.getByTestId("node");
    await rows.nth(OPERATORS.length - 1).waitFor();
    const texts = await rows.allTextContents();
    const { wrong_data: fault } = en.settings.nodes.faults;
    for (const [index, operator] of OPERATORS.entries()) {
      const text = texts.find((each) => each.includes(operator))!;
      expect([operator, text.includes(fault)]).toEqual([operator, operator === "liar"]);
      expect(index === 1 || text.includes(en.settings.nodes.states.connected)).toBe(true);
    }
  });

  it("[NW-16] it stays left alone after that", async () => {
    const before = rangesGiven[1];
    await carol.page.getByRole("link", { name: en.tabs.pay }).click();
    await carol.see("sync-state", "data-state", "live", RESTORE_TIMEOUT_MS);
    expect(rangesGiven[1]).toBe(before);
    expect(relays[1]!.host.peers().length).toBe(1);
    expect(carol.strayRequests).toEqual([]);
    expect(carol.violations).toEqual([]);
  });
});
