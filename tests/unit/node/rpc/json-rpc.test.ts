import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { AWARD_WEEKS_KEPT, TX_BYTES_MAX } from "../../../../src/core/params/limits.ts";
import { encodeCertificate } from "../../../../src/core/chain/certificate.ts";
import { blockId, decodeHeader, encodeHeader } from "../../../../src/core/chain/header.ts";
import { encodeOutputCore } from "../../../../src/core/chain/output.ts";
import { transactionId } from "../../../../src/core/chain/transaction.ts";
import { encodeValidatorSet } from "../../../../src/core/chain/validator-set.ts";
import { awardWinner } from "../../../../src/core/state/award.ts";
import { decodeAwardDraw } from "../../../../src/core/state/award-draw.ts";
import { formatAddress, parseAddress } from "../../../../src/core/values/address.ts";
import { freshAccount } from "../../../../src/core/state/aux-records.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { epoch, height, leafIndex } from "../../../../src/core/values/height.ts";
import { SEARCH_PAYMENTS_MAX } from "../../../../src/node/rpc/methods/search.ts";
import { answerJsonRpc, RPC_BATCH_MAX, type RpcMethods } from "../../../../src/node/rpc/json-rpc.ts";
import { rpcMethodsOf } from "../../../../src/node/rpc/rpc-methods.ts";
import { extendToDraw } from "../../../support/award-ledger.ts";
import { hashOf } from "../../../support/block-commits.ts";
import { fakeNodeView, fakeTransaction, publicCore } from "../../../support/fake-node-view.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { LedgerNode } from "../../../support/ledger-node.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { runs } from "../../../support/run-counts.ts";

interface Answer {
  readonly jsonrpc: "2.0";
  readonly id: unknown;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data: { readonly reason: string } };
}

const FUZZ_RUNS = runs(10_000, 1_000_000);

const methods = rpcMethodsOf(await fakeNodeView());
const fakeCheckpoint = (await fakeNodeView()).checkpoint();
const defects: unknown[] = [];

async function send(text: string, over: RpcMethods = methods): Promise<Answer | Answer[] | undefined> {
  const answer = await answerJsonRpc(over, text, (_method, error) => defects.push(error));
  return answer === undefined ? undefined : (JSON.parse(answer) as Answer | Answer[]);
}

async function call(method: string, params?: unknown, over: RpcMethods = methods): Promise<Answer> {
  return (await send(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }), over)) as Answer;
}

const resultOf = async (method: string, params?: unknown): Promise<Record<string, unknown>> => {
  const answer = await call(method, params);
  expect(answer.error).toBeUndefined();
  return answer.result!;
};

const reasonOf = async (method: string, params?: unknown): Promise<string | undefined> =>
  (await call(method, params)).error?.data.reason;

describe("JSON-RPC 2.0", () => {
  it("answers what is no request with an error", async () => {
    const cases: readonly (readonly [string, number, string])[] = [
      ["", -32_700, "parse_error"],
      ["{", -32_700, "parse_error"],
      ["[".repeat(100_000), -32_700, "parse_error"],
      ["null", -32_600, "invalid_request"],
      ["1", -32_600, "invalid_request"],
      ['"status"', -32_600, "invalid_request"],
      ["{}", -32_600, "invalid_request"],
      ["[]", -32_600, "invalid_request"],
      ['{"jsonrpc":"1.0","id":1,"method":"status"}', -32_600, "invalid_request"],
      ['{"jsonrpc":"2.0","id":1,"method":7}', -32_600, "invalid_request"],
      ['{"jsonrpc":"2.0","id":{},"method":"status"}', -32_600, "invalid_request"],
      [`{"jsonrpc":"2.0","id":1,"method":"${"a".repeat(1_000)}"}`, -32_600, "invalid_request"],
      ['{"jsonrpc":"2.0","id":1,"method":"nothing"}', -32_601, "method_not_found"],
      ['{"jsonrpc":"2.0","id":1,"method":"toString"}', -32_601, "method_not_found"],
      ['{"jsonrpc":"2.0","id":1,"method":"__proto__"}', -32_601, "method_not_found"],
      ['{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topic":"blocks"}}', -32_601, "method_not_found"],
    ];
    for (const [text, code, reason] of cases) {
      const answer = (await send(text)) as Answer;
      expect(answer.error).toMatchObject({ code, data: { reason } });
    }
  });

  it("answers a batch one by one and nothing to notifications", async () => {
    const request = { jsonrpc: "2.0", id: 1, method: "status" };
    const answers = (await send(
      JSON.stringify([request, { ...request, id: "two" }, 5, { jsonrpc: "2.0", method: "status" }]),
    )) as Answer[];
    expect(answers.map((answer) => answer.id)).toEqual([1, "two", null]);
    expect(answers[2]!.error!.data.reason).toBe("invalid_request");
    expect(await send('{"jsonrpc":"2.0","method":"status"}')).toBeUndefined();
    expect(await send('[{"jsonrpc":"2.0","method":"nothing"}]')).toBeUndefined();
  });

  it(`refuses a batch of more than ${RPC_BATCH_MAX}`, async () => {
    const request = { jsonrpc: "2.0", id: 1, method: "mempool" };
    expect(await send(JSON.stringify(Array(RPC_BATCH_MAX).fill(request)))).toHaveLength(RPC_BATCH_MAX);
    const answer = (await send(JSON.stringify(Array(RPC_BATCH_MAX + 1).fill(request)))) as Answer;
    expect(answer.error!.data.reason).toBe("batch_too_large");
  });

  it("hides what went wrong inside a method", async () => {
    const broken: RpcMethods = new Map([["broken", () => Promise.reject(new Error("a secret of the node"))]]);
    defects.length = 0;
    const answer = await call("broken", undefined, broken);
    expect(answer.error).toEqual({ code: -32_603, message: "internal error", data: { reason: "internal_error" } });
    expect(defects).toHaveLength(1);
  });

  it("takes whatever JSON there is without a defect", async () => {
    defects.length = 0;
    const method = fc.constantFrom(...methods.keys(), "nothing");
    const name = fc.constantFrom("height", "hash", "txid", "index", "hex", "__proto__", "other");
    const value = fc.oneof(fc.jsonValue(), fc.maxSafeInteger(), fc.string(), fc.double());
    const params = fc.oneof(fc.jsonValue(), fc.dictionary(name, value));
    const request = fc.record({ jsonrpc: fc.constant("2.0"), id: fc.integer(), method, params });
    await fc.assert(
      fc.asyncProperty(request, async (each) => {
        const answer = (await send(JSON.stringify(each))) as Answer;
        expect(answer.id).toBe(each.id);
        expect("result" in answer).toBe(answer.error === undefined);
      }),
      { numRuns: FUZZ_RUNS },
    );
    expect(defects).toEqual([]);
  });
});

describe("methods", () => {
  it("status", async () => {
    expect(await resultOf("status")).toMatchObject({
      network: "dev",
      chain_id: 1_000,
      height: 2,
      time_ms: 1_700_000_002_000,
      syncing: false,
      peers: 3,
      validators: 1,
    });
    expect(Object.keys(await resultOf("status")).sort()).toEqual(
      ["network", "chain_id", "height", "time_ms", "block_hash", "syncing", "peers", "validators", "version"].sort(),
    );
  });

  it("holdings: what the node keeps on its disk, in all and by class", async () => {
    expect(await resultOf("holdings")).toMatchObject({
      bytes: 145_000_000,
      classes: { outputs: 140_000_000, tree: 0 },
    });
    expect(await reasonOf("holdings", { of: "me" })).toBe("invalid_params");
  });

  it("[ST-3] status of a validator says where its key stands, and never which it is", async () => {
    const over = rpcMethodsOf(await fakeNodeView({ ownStanding: () => "jailed" }));
    expect((await call("status", undefined, over)).result).toMatchObject({ validator: "jailed" });
  });

  it("[CO-18] validator: where a key stands, also one that the chain has no record of", async () => {
    const key = "07".repeat(48);
    const reward = { spendKey: new Uint8Array(32).fill(2), viewKey: new Uint8Array(32).fill(3) };
    const account = { ...freshAccount(new Uint8Array(48).fill(7), reward, epoch(3)), balance: amount(5n) };
    const jailed = { standing: "jailed" as const, epoch: epoch(9), seat: 4, account, stake: amount(7n) };
    const over = rpcMethodsOf(await fakeNodeView({ validatorKey: () => jailed }));
    expect((await call("validator", { key }, over)).result).toEqual({
      key,
      chain_id: 1_000,
      status: "jailed",
      epoch: 9,
      seat: 4,
      stake: "7",
      balance: "5",
      reward_address: formatAddress(reward, "dev"),
      last_signed_epoch: 3,
      unjail_epoch: 0,
    });
    const unknown = { standing: "unknown" as const, epoch: epoch(9), seat: undefined, account: undefined };
    const none = rpcMethodsOf(await fakeNodeView({ validatorKey: () => ({ ...unknown, stake: amount(0n) }) }));
    expect((await call("validator", { key }, none)).result).toMatchObject({
      status: "unknown",
      seat: null,
      reward_address: null,
      last_signed_epoch: null,
      unjail_epoch: null,
    });
    for (const wrong of [{}, { key: "07".repeat(47) }, { key: "07".repeat(49) }, { key: "x".repeat(96) }, { key: 7 }]) {
      expect(await reasonOf("validator", wrong)).toBe("invalid_params");
    }
  });

  it("get_block by height and by hash", async () => {
    const block = await resultOf("get_block", { height: 1 });
    expect(block).toMatchObject({
      height: 1,
      chain_id: 1_000,
      minted: "9007199254740000",
      txids: [formatHex(transactionId(fakeTransaction))],
      certificate: { round: 0, seats: 4, signers: [0, 1, 2] },
      sizes: { header: 592 },
    });
    expect(await resultOf("get_block", { hash: block["hash"] })).toEqual(block);
    expect(await resultOf("get_block", { height: 0 })).toMatchObject({ height: 0, txids: [], certificate: null });
  });

  it("get_transaction with the leaves of its outputs", async () => {
    const transaction = await resultOf("get_transaction", { txid: formatHex(transactionId(fakeTransaction)) });
    expect(transaction).toMatchObject({ kind: "transfer", height: 1, fee: "21000", inputs: [0] });
    expect(transaction["outputs"]).toMatchObject([
      { index: 3, type: "public", amount: "1000" },
      { index: 4, type: "public", amount: "2000" },
    ]);
  });

  it("get_output, live and spent", async () => {
    const live = await resultOf("get_output", { index: 3 });
    expect(live).toMatchObject({ index: 3, type: "public", height: 1, live: true, amount: "1000", proof: "0301" });
    expect(parseAddress(live["recipient"] as string, "dev").ok).toBe(true);
    expect(await resultOf("get_output", { index: 0 })).toMatchObject({ type: "public", height: 0, live: false });
    expect(await resultOf("get_output", { index: 5 })).toMatchObject({ height: 1, live: true });
  });

  it("supply and validators in µSTG as decimal strings", async () => {
    expect(await resultOf("supply")).toEqual({
      minted: "9007199254740000",
      burned: "0",
      in_outputs: "9007199254739988",
      pot: "7",
      invariant_ok: true,
    });
    const [validator] = (await call("validators")).result as unknown as Record<string, unknown>[];
    expect(validator).toMatchObject({
      index: 0,
      stake: "100000000000",
      online_share: 0.5,
      missed_proposals: 1,
      jailed: false,
    });
    expect(validator!["reward_address"]).toMatch(/^dstg1/);
  });

  it("mempool", async () => {
    expect(await resultOf("mempool", {})).toEqual({ count: 2, bytes: 4_000 });
  });

  it("submit_transaction gives the id, or the rule that was broken", async () => {
    expect(await resultOf("submit_transaction", { hex: "00ff" })).toEqual({ txid: formatHex(hashOf("txid", 1)) });
    const refusing = rpcMethodsOf(await fakeNodeView({ submit: () => Promise.resolve({ ok: false, rule: "TX-4" }) }));
    expect((await call("submit_transaction", { hex: "00" }, refusing)).error).toEqual({
      code: -32_000,
      message: "transaction refused: TX-4",
      data: { reason: "transaction_refused", rule: "TX-4" },
    });
  });

  it("says what it does not have", async () => {
    expect(await reasonOf("get_block", { height: 3 })).toBe("block_not_found");
    expect(await reasonOf("get_block", { hash: "00".repeat(32) })).toBe("block_not_found");
    expect(await reasonOf("get_transaction", { txid: "00".repeat(32) })).toBe("transaction_not_found");
    expect(await reasonOf("get_output", { index: 6 })).toBe("output_not_found");
  });

  it("says plainly what it no longer holds", async () => {
    const view = await fakeNodeView();
    while (await view.store.prune({ blocks: height(2), window: height(2), payloads: height(2) }, 100));
    const pruned = rpcMethodsOf(view);
    const reason = async (method: string, params: unknown): Promise<string | undefined> =>
      (await call(method, params, pruned)).error?.data.reason;
    expect((await call("get_block", { height: 1 }, pruned)).error).toEqual({
      code: -32_000,
      message: "this node holds blocks from height 2 on",
      data: { reason: "no_longer_held" },
    });
    expect((await call("get_block", { height: 2 }, pruned)).error).toBeUndefined();
    expect(await reason("get_block", { height: 3 })).toBe("block_not_found");
    const txid = formatHex(transactionId(fakeTransaction));
    expect(await reason("get_transaction", { txid })).toBe("no_longer_held");
    const spent = (await call("get_output", { index: 0 }, pruned)).result;
    expect(spent).toMatchObject({ live: false, type: null, height: null });
    expect((await call("get_output", { index: 3 }, pruned)).result).toMatchObject({ live: true, height: 1 });
    const text = formatAddress(publicCore(0, 0n).recipient, "dev");
    const found = (await call("search", { text }, pruned)).result!["public_payments"];
    expect(found).toMatchObject([5, 4, 3, 2, 1].map((index) => ({ index })));
  });

  it("search: a height, a hash, an address, or nothing", async () => {
    const nothing = { blocks: [], transactions: [], public_payments: [], more: false };
    const block = (await resultOf("get_block", { height: 1 }))["hash"] as string;
    const txid = formatHex(transactionId(fakeTransaction));
    expect(await resultOf("search", { text: " 1 " })).toMatchObject({
      ...nothing,
      blocks: [{ height: 1, hash: block }],
    });
    expect(await resultOf("search", { text: block.toUpperCase() })).toMatchObject({ blocks: [{ height: 1 }] });
    expect(await resultOf("search", { text: txid })).toEqual({ ...nothing, transactions: [{ txid, height: 1 }] });
    const { recipient } = publicCore(0, 0n);
    const found = await resultOf("search", { text: formatAddress(recipient, "dev") });
    expect(found["public_payments"]).toMatchObject([5, 4, 3, 2, 1, 0].map((index) => ({ index })));
    expect(found["public_payments"]).toMatchObject([
      { height: 1, amount: "4", live: true },
      { amount: "2000" },
      { amount: "1000" },
      { amount: "3" },
      { height: 0, amount: "2" },
      { amount: "1", live: false },
    ]);
    for (const text of ["", "x", "9", "00".repeat(32), formatAddress(recipient, "main"), "1".repeat(200)]) {
      expect(await resultOf("search", { text }), text).toEqual(nothing);
    }
    for (const params of [undefined, {}, { text: 1 }, { text: "x".repeat(257) }]) {
      expect(await reasonOf("search", params)).toBe("invalid_params");
    }
  });

  it("search gives at most so many payments, the newest", async () => {
    const view = await fakeNodeView();
    const asked: number[] = [];
    view.store.publicPayments = (_recipient, countMax) => {
      asked.push(countMax);
      return Promise.resolve(Array.from({ length: countMax }, () => ({ leaf: leafIndex(3), height: height(1) })));
    };
    const text = formatAddress(publicCore(0, 0n).recipient, "dev");
    const answer = await call("search", { text }, rpcMethodsOf(view));
    expect(answer.result).toMatchObject({ more: true });
    expect(answer.result!["public_payments"]).toHaveLength(SEARCH_PAYMENTS_MAX);
    expect(asked).toEqual([SEARCH_PAYMENTS_MAX + 1]);
  });

  it("award: the pot, when it is drawn and among whom; a node that has seen no draw shows none", async () => {
    const expected = { pot: "7", draw_at_ms: 1_700_000_300_000, eligible: ["05".repeat(48)], past: [] };
    expect(await resultOf("award")).toEqual(expected);
  });

  it("[AW-4] award: past draws with what proves them, newest first, as many as are asked for", async () => {
    const builder = new LedgerBuilder({ label: "award rpc", params: { weekEpochs: 2, awardDelayBlocks: 3 } });
    const { store } = await LedgerNode.open(builder, new MemoryStore());
    await extendToDraw(builder, store);
    const { outcome, commit } = await extendToDraw(builder, store);
    const over = rpcMethodsOf(await fakeNodeView({ store }));
    const draw = decodeAwardDraw(commit.award!.draw);
    const past = (await call("award", undefined, over)).result!["past"] as Record<string, unknown>[];
    expect(past.map(({ week }) => week)).toEqual([2, 1]);
    expect(past[0]).toEqual({
      week: 2,
      winner: formatHex(draw.blsKeys[awardWinner(draw, outcome.tip.header.beacon)]!),
      amount: outcome.award!.payout.amount.toString(),
      beacon_height: commit.height,
      eligible_list: draw.blsKeys.map(formatHex),
      beacon: formatHex(outcome.tip.header.beacon),
      header: formatHex(encodeHeader(draw.header)),
      cert: formatHex(encodeCertificate(draw.certificate)),
      aux_proof: draw.listProof.map(formatHex),
      beacon_header: formatHex(commit.header),
      beacon_cert: formatHex(commit.certificate),
      payout: formatHex(encodeOutputCore(draw.payout)),
      payout_proof: draw.payoutProof.map(formatHex),
      validator_sets: [formatHex(encodeValidatorSet(outcome.tip.validators))],
    });
    const newest = async (past: unknown) => (await call("award", { past }, over)).result?.["past"];
    expect(await newest(0)).toEqual([]);
    expect(await newest(1)).toEqual([past[0]]);
    expect(await newest(AWARD_WEEKS_KEPT)).toEqual(past);
    for (const wrong of [AWARD_WEEKS_KEPT + 1, -1, "1", 0.5]) expect(await newest(wrong)).toBeUndefined();
  });

  it("[LC-2] get_boundary: header and set of a boundary, the newest one unless a height is given", async () => {
    const builder = new LedgerBuilder({ label: "boundary rpc" });
    const node = await LedgerNode.open(builder, new MemoryStore());
    while (builder.tip.header.epoch < 2) await node.extend([], builder.tip.chain.params.epochMs / 2);
    const [first, second] = await node.store.boundaries(height(1), 2);
    expect(second).toBeUndefined();
    const over = rpcMethodsOf(
      await fakeNodeView({ store: node.store, checkpoint: () => ({ ...fakeCheckpoint, height: first! }) }),
    );
    const header = await node.store.header(first!);
    const newest = (await call("get_boundary", undefined, over)).result!;
    expect(newest).toEqual({
      height: first,
      hash: formatHex(blockId(decodeHeader(header!))),
      header: formatHex(header!),
      next_validators: formatHex(encodeValidatorSet(builder.tip.nextValidators)),
    });
    expect((await call("get_boundary", { height: first }, over)).result).toEqual(newest);
    expect((await call("get_boundary", { height: 0 }, over)).result).toMatchObject({ height: 0 });
    for (const at of [1, first! + 1, 1_000])
      expect((await call("get_boundary", { height: at }, over)).error?.data.reason).toBe("boundary_not_found");
  });

  it("refuses parameters of the wrong kind, size or name", async () => {
    const wrong: readonly (readonly [string, unknown])[] = [
      ["status", []],
      ["status", "now"],
      ["status", { verbose: true }],
      ["get_block", undefined],
      ["get_block", { height: 1, hash: "00".repeat(32) }],
      ["get_block", { height: -1 }],
      ["get_block", { height: 0.5 }],
      ["get_block", { height: "1" }],
      ["get_block", { height: 2 ** 53 }],
      ["get_block", { hash: "00" }],
      ["get_block", { hash: "0".repeat(63) }],
      ["get_block", { hash: "AA".repeat(32) }],
      ["get_output", { index: 2 ** 40 }],
      ["get_transaction", { txid: null }],
      ["submit_transaction", { hex: "0" }],
      ["submit_transaction", { hex: 1 }],
      ["submit_transaction", { hex: "00".repeat(TX_BYTES_MAX + 1) }],
    ];
    for (const [method, params] of wrong)
      expect(await reasonOf(method, params), `${method} ${JSON.stringify(params)}`.slice(0, 40)).toBe("invalid_params");
  });
});
