import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { decodeCompactBlock } from "../../core/chain/compact-block.ts";
import { blockId, decodeHeader } from "../../core/chain/header.ts";
import { decodeOutputCore, OUTPUT_TYPE } from "../../core/chain/output.ts";
import { parseAddress, type AddressKeys } from "../../core/values/address.ts";
import { leafIndex, type Height, type LeafIndex } from "../../core/values/height.ts";
import type { JsonValue, RpcMethod } from "./json-rpc.ts";
import { networkNameOf } from "./network-file.ts";
import type { NodeView } from "./node-view.ts";
import { parseParameters, textParameter, wholeParameter } from "./parameters.ts";
import { publicPaymentJson } from "./public-payments.ts";
import { invalidParams, RPC_CODE, RpcError } from "./rpc-error.ts";

/** Subscriptions of one connection. */
export const SUBSCRIPTIONS_MAX = 16;

/** A JSON-RPC notification. */
interface Notice {
  readonly jsonrpc: "2.0";
  readonly method: "subscription";
  readonly params: { readonly subscription: number; readonly topic: string; readonly result: JsonValue };
}

/** The subscriptions of one WebSocket: `subscribe {topic, address?}` answers a number, notices carry it. */
export class Subscriptions {
  readonly #view: NodeView;
  readonly #notify: (notice: Notice) => void;
  readonly #open = new Map<number, () => void>();
  #count = 0;
  #isOver = false;

  constructor(view: NodeView, notify: (notice: Notice) => void) {
    this.#view = view;
    this.#notify = notify;
  }

  methods(): readonly (readonly [string, RpcMethod])[] {
    return [
      ["subscribe", (params) => this.#subscribe(params)],
      ["unsubscribe", (params) => this.#unsubscribe(params)],
    ];
  }

  /** The connection has gone. */
  end(): void {
    this.#isOver = true;
    for (const stop of this.#open.values()) stop();
    this.#open.clear();
  }

  #subscribe(params: unknown): JsonValue {
    const parameters = parseParameters(params, ["topic", "address"]);
    const topic = textParameter(parameters, "topic", 32);
    if (topic !== "blocks" && topic !== "mempool" && topic !== "public_payments") {
      throw invalidParams("topic is blocks, mempool or public_payments");
    }
    if ((topic === "public_payments") !== parameters.has("address")) {
      throw invalidParams("public_payments, and nothing else, takes an address");
    }
    const recipient =
      topic === "public_payments" ? this.#recipientOf(textParameter(parameters, "address", 256)) : undefined;
    if (this.#open.size >= SUBSCRIPTIONS_MAX || this.#isOver) {
      const text = `a connection has at most ${SUBSCRIPTIONS_MAX} subscriptions`;
      throw new RpcError(RPC_CODE.refused, "too_many_subscriptions", text);
    }
    const subscription = ++this.#count;
    const tell = (result: JsonValue): void => {
      if (!this.#open.has(subscription)) return;
      this.#notify({ jsonrpc: "2.0", method: "subscription", params: { subscription, topic, result } });
    };
    const stop =
      topic === "mempool"
        ? this.#view.onMempool(() => tell(this.#view.mempool()))
        : this.#follow(recipient === undefined ? (at) => this.#block(at) : (at) => this.#payments(at, recipient), tell);
    this.#open.set(subscription, stop);
    return { subscription };
  }

  #unsubscribe(params: unknown): JsonValue {
    const parameters = parseParameters(params, ["subscription"]);
    const number = wholeParameter(parameters, "subscription", Number.MAX_SAFE_INTEGER);
    this.#open.get(number)?.();
    return { stopped: this.#open.delete(number) };
  }

  #recipientOf(text: string): AddressKeys {
    const parsed = parseAddress(text, networkNameOf(this.#view.chainId));
    if (!parsed.ok) throw invalidParams("address is none of this network");
    return parsed.keys;
  }

  /** Reads what each new block brings, one block after another, so that notices keep the order of the chain. */
  #follow(read: (at: Height) => Promise<readonly JsonValue[]>, tell: (result: JsonValue) => void): () => void {
    let last = Promise.resolve();
    return this.#view.onBlock((at) => {
      last = last.then(async () => {
        // A database that cannot be read any more ends the node, which says so itself.
        for (const result of await read(at).catch(() => [])) tell(result);
      });
    });
  }

  async #block(at: Height): Promise<readonly JsonValue[]> {
    const [header, compact] = await Promise.all([this.#view.store.header(at), this.#view.store.compact(at)]);
    if (header === undefined || compact === undefined) return [];
    const { time, nextLeaf } = decodeHeader(header);
    const { entries, spent } = decodeCompactBlock(compact);
    const counts = { outputs_made: entries.length, outputs_spent: spent.length, next_index: nextLeaf };
    return [{ height: at, hash: formatHex(blockId(decodeHeader(header))), time_ms: time, ...counts }];
  }

  async #payments(height: Height, recipient: AddressKeys): Promise<readonly JsonValue[]> {
    const compact = await this.#view.store.compact(height);
    if (compact === undefined) return [];
    const { firstLeaf, entries } = decodeCompactBlock(compact);
    const found: JsonValue[] = [];
    for (let leaf = firstLeaf; leaf < firstLeaf + entries.length; leaf = (leaf + 1) as LeafIndex) {
      if (await this.#isTo(leafIndex(leaf), recipient))
        found.push(...(await publicPaymentJson(this.#view, { leaf, height })));
    }
    return found;
  }

  async #isTo(leaf: LeafIndex, { spendKey, viewKey }: AddressKeys): Promise<boolean> {
    const bytes = await this.#view.store.core(leaf);
    if (bytes?.[0] !== OUTPUT_TYPE.public) return false;
    const core = decodeOutputCore(bytes);
    return (
      core.type === "public" &&
      equalBytes(core.recipient.spendKey, spendKey) &&
      equalBytes(core.recipient.viewKey, viewKey)
    );
  }
}
