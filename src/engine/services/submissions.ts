import { Reader } from "../../core/bytes/reader.ts";
import type { LightClientNetworkEffect } from "../../core/machines/light-client-effect.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { NodeConfig } from "../../core/sync/network-config.ts";
import type { RuleNumber } from "../../core/values/rule-number.ts";
import { ERROR_CODE } from "../../wire/frame.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { BUSY_RULE, decodeTxAnswer, encodeTxRequest } from "../../wire/requests/tx.ts";
import type { UntimedEvent } from "./client-network-ports.ts";
import { refusalCode, type NetworkEdges } from "./network-edges.ts";

type Submission = Extract<LightClientNetworkEffect, { readonly type: "submit-transaction" }>;

/** A connection with an identity of its own, good for one submission. */
interface Line {
  readonly host: NetworkPort;
  readonly peer: PeerId;
}

/** Known by the addresses that were dialled: a node's number may be another's by the time the line is used. */
interface PreparedLine {
  readonly addresses: readonly string[];
  readonly line: Promise<Line | undefined>;
  readonly callOff: () => void;
}

/** NW-3. */
export const SUBMISSION_LINES_MAX = 2;
const LINE_LIFE_MS = 60_000;
const DIAL_MS = 8_000;
const ANSWER_MS = 15_000;
/** A node that has too much to do is asked again after half of this to all of it, then after twice as long each time. */
const BUSY_WAIT_MS = 500;
const BUSY_TRIES = 4;

/** Sends transactions so that nothing links them to the client's other connections, nor to one another (NW-3). */
export class Submissions {
  readonly #ports: NetworkEdges & { readonly post: (event: UntimedEvent) => void };
  readonly #prepared: PreparedLine[] = [];
  /** Hosts alive right now. */
  readonly #hosts = new Set<NetworkPort>();
  #isStopped = false;

  constructor(ports: NetworkEdges & { readonly post: (event: UntimedEvent) => void }) {
    this.#ports = ports;
  }

  /** Dials the first nodes of a list in advance; lines that nobody used end after a minute. */
  async prepare(chainId: number, nodes: readonly NodeConfig["addresses"][]): Promise<void> {
    for (const addresses of nodes.slice(0, SUBMISSION_LINES_MAX)) {
      if (this.#prepared.length >= SUBMISSION_LINES_MAX || this.#placeOf(addresses) >= 0) continue;
      const line = this.#dial(chainId, addresses);
      const callOff = this.#ports.timers.after(LINE_LIFE_MS, () => void this.#expire(addresses));
      this.#prepared.push({ addresses, line, callOff });
    }
    await Promise.all(this.#prepared.map(({ line }) => line));
  }

  /** Waits its random time, sends once and tells what came of it. */
  async submit(chainId: number, submission: Submission): Promise<void> {
    const { txid, node, addresses, bytes } = submission;
    await this.#wait(this.#fraction() * submission.delayMaxMs);
    const line = (await this.#take(addresses)) ?? (await this.#dial(chainId, addresses));
    if (line === undefined) {
      this.#post({ type: "transaction-unanswered", txid, node });
      return;
    }
    try {
      const rule = await this.#ask(line, encodeTxRequest(bytes));
      this.#post({ type: "transaction-answered", txid, node, rule });
    } catch {
      this.#post({ type: "transaction-unanswered", txid, node });
    } finally {
      await this.#end(line.host);
    }
  }

  /**
   * What the node says. Many may tap in one moment, and a node judges few at a time: whoever comes too soon waits a little
   * and asks over the same line, which tells nobody anything new, where another would cost both a handshake.
   */
  async #ask({ host, peer }: Line, frame: Uint8Array): Promise<RuleNumber | undefined> {
    for (let waitMs = BUSY_WAIT_MS, left = BUSY_TRIES - 1; ; waitMs *= 2, left--) {
      const isLast = left === 0 || this.#isStopped;
      try {
        const answer = await this.#ports.requests.one(host, peer, PROTOCOL.tx, frame, ANSWER_MS);
        const { refusedBy } = decodeTxAnswer(answer);
        if (refusedBy !== BUSY_RULE || isLast) return refusedBy;
      } catch (error) {
        if (refusalCode(error) !== ERROR_CODE.busy || isLast) throw error;
      }
      await this.#wait((waitMs * (1 + this.#fraction())) / 2);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const { callOff } of this.#prepared.splice(0)) callOff();
    await Promise.all([...this.#hosts].map((host) => this.#end(host)));
  }

  #post(event: UntimedEvent): void {
    if (!this.#isStopped) this.#ports.post(event);
  }

  #placeOf(addresses: readonly string[]): number {
    return this.#prepared.findIndex((line) => String(line.addresses) === String(addresses));
  }

  async #take(addresses: readonly string[]): Promise<Line | undefined> {
    const place = this.#placeOf(addresses);
    if (place < 0) return undefined;
    const [prepared] = this.#prepared.splice(place, 1);
    prepared?.callOff();
    const line = await prepared?.line;
    // The node may have hung up meanwhile.
    if (line === undefined || line.host.peers().includes(line.peer)) return line;
    await this.#end(line.host);
    return undefined;
  }

  async #expire(addresses: readonly string[]): Promise<void> {
    const line = await this.#take(addresses);
    if (line !== undefined) await this.#end(line.host);
  }

  async #dial(chainId: number, addresses: readonly string[]): Promise<Line | undefined> {
    const host = await this.#ports.openHost(chainId).catch(() => undefined);
    if (host === undefined) return undefined;
    this.#hosts.add(host);
    for (const address of this.#isStopped ? [] : addresses) {
      try {
        return { host, peer: await host.dial(address, DIAL_MS) };
      } catch {
        // The next address may do.
      }
    }
    await this.#end(host);
    return undefined;
  }

  async #end(host: NetworkPort): Promise<void> {
    this.#hosts.delete(host);
    await host.stop().catch(() => undefined);
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.#ports.timers.after(delayMs, resolve));
  }

  /** Uniform in [0, 1). */
  #fraction(): number {
    return new Reader(this.#ports.random.bytes(4)).u32() / 2 ** 32;
  }
}
