import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { blockId, type Header } from "../../core/chain/header.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import type { NetworkParams } from "../../core/params/network-params.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { HeaderItem } from "../../core/sync/compact-item.ts";
import { skipHeader, type TrustedHeader } from "../../core/sync/skip-header.ts";
import { planSkip, SKIP_BOUNDARIES_MAX, stepSkip } from "../../core/sync/skip-plan.ts";
import { height, type TimeMs } from "../../core/values/height.ts";
import { HDR_HEADERS_MAX } from "../../wire/limits.ts";
import type { HdrRequest } from "../../wire/requests/hdr.ts";
import { readHeaders } from "./header-requests.ts";
import type { Requests } from "./network-edges.ts";

export interface CertifiedHeadersOptions {
  readonly requests: Requests;
  readonly host: NetworkPort;
  readonly peer: PeerId;
  readonly bls: BlsBackend;
  readonly params: NetworkParams;
  readonly nowMs: TimeMs;
  /** How far down headers are followed one by one. */
  readonly belowMax: number;
}

/** Headers of one node, each tied to one that we trust. Throws for whatever is not in order. */
export class CertifiedHeaders {
  readonly #options: CertifiedHeadersOptions;

  constructor(options: CertifiedHeadersOptions) {
    this.#options = options;
  }

  /** What the node says stands there, with nothing checked but its height. */
  async first(at: number): Promise<HeaderItem> {
    const [item] = await this.#ask({ from: height(at), count: 1, boundariesOnly: false });
    if (item?.header.height !== at) throw new DecodeError("another header");
    return item;
  }

  /** Whether this header is of the chain of the trusted one; undefined if it lies too far below to follow. */
  async isFinal(trusted: TrustedHeader, item: HeaderItem): Promise<boolean | undefined> {
    const { header } = item;
    if (header.height > trusted.header.height) return this.#isFinalAbove(trusted, item);
    if (trusted.header.height - header.height > this.#options.belowMax) return undefined;
    return this.#isLinkedBelow(trusted, header);
  }

  /** LC-2: signed by those we know, or by those the boundaries on the way there announce. */
  async #isFinalAbove(trusted: TrustedHeader, item: HeaderItem): Promise<boolean> {
    const { bls, params, nowMs } = this.#options;
    const isKnownSet = equalBytes(item.header.valHash, trusted.header.nextValHash);
    const near = isKnownSet ? trusted : await this.#climb(trusted, item.header.height - 1);
    if (near === undefined) return false;
    return skipHeader(bls, params, near, item, undefined, nowMs).outcome === "trusted";
  }

  /** The newest boundary up to this height. */
  async #climb(trusted: TrustedHeader, goal: number): Promise<TrustedHeader | undefined> {
    const { bls, params, nowMs } = this.#options;
    let progress = planSkip(params, trusted, goal);
    while (progress.type === "ask") {
      const { plan } = progress;
      const request = { from: height(plan.from), count: SKIP_BOUNDARIES_MAX, boundariesOnly: true };
      progress = stepSkip(bls, plan, await this.#ask(request), nowMs);
    }
    return progress.type === "arrived" ? progress.trusted : undefined;
  }

  /** Each header names the one before it, up to the one we trust. */
  async #isLinkedBelow(trusted: TrustedHeader, header: Header): Promise<boolean> {
    let id = blockId(header);
    let at: number = header.height;
    while (at < trusted.header.height) {
      const count = Math.min(HDR_HEADERS_MAX, trusted.header.height - at);
      const items = await this.#ask({ from: height(at + 1), count, boundariesOnly: false });
      if (items.length === 0) throw new DecodeError("no headers");
      for (const item of items) {
        if (item.header.height !== at + 1 || !equalBytes(item.header.prev, id)) return false;
        id = blockId(item.header);
        at++;
      }
    }
    return equalBytes(id, trusted.blockId);
  }

  #ask(request: HdrRequest): Promise<readonly HeaderItem[]> {
    const { requests, host, peer } = this.#options;
    return readHeaders(requests, host, peer, request);
  }
}
