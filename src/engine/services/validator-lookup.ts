import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { blockId, type Header } from "../../core/chain/header.ts";
import type { ValidatorSet } from "../../core/chain/validator-set.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import type { AuxRecords } from "../../core/state/aux-records.ts";
import { isTailOf } from "../../core/state/snapshot.ts";
import type { Checkpoint, NetworkConfig } from "../../core/sync/network-config.ts";
import { BriefHosts } from "./brief-hosts.ts";
import { readHeaders } from "./header-requests.ts";
import { askingOrder, dialNode, type LookupNodes } from "./lookup-nodes.ts";
import type { NetworkEdges } from "./network-edges.ts";
import { readSnapTail } from "./snap-requests.ts";

/** Whom to ask, and about which block. */
export interface RecordsGround {
  readonly config: NetworkConfig;
  readonly nodes: LookupNodes;
  /** The last block of an epoch that this client holds for final. */
  readonly boundary: Checkpoint;
  /** False once nobody may be asked any more. */
  readonly isWanted: () => boolean;
}

/** What a boundary block commits to about validators. */
export interface ValidatorRecords {
  readonly header: Header;
  readonly aux: AuxRecords;
  /** The set that follows. */
  readonly validators: ValidatorSet;
}

const NODE_MS = 20_000;

/**
 * The records of all validator keys behind a boundary block (CO-18), as a node has them for snapshots (BL-12). All of them
 * are read, so no node learns whose were wanted; and each is asked over a connection of its own with an identity nobody has
 * seen. Nothing counts that does not stand under the header, and the header is that of the block that was followed to.
 */
export class ValidatorLookup {
  readonly #edges: NetworkEdges;
  readonly #hosts: BriefHosts;
  #last: ValidatorRecords | undefined;

  constructor(edges: NetworkEdges) {
    this.#edges = edges;
    this.#hosts = new BriefHosts(edges);
  }

  /** undefined: nobody could be reached who has them. They are kept until another block is asked about. */
  async records({ config, nodes, boundary, isWanted }: RecordsGround): Promise<ValidatorRecords | undefined> {
    if (this.#last !== undefined && equalBytes(blockId(this.#last.header), boundary.blockId)) return this.#last;
    for (const node of askingOrder(this.#edges.random, nodes)) {
      if (!isWanted()) return undefined;
      try {
        this.#last = await this.#hosts.lend(config.chainId, NODE_MS, async (host) => {
          return this.#ask(host, await dialNode(host, node), boundary);
        });
        return this.#last;
      } catch {
        // Not reached, silent, without that state, or not in order: the next node may do.
      }
    }
    return undefined;
  }

  /** Ends what is being asked; resolves once no host is left. */
  endAll(): Promise<void> {
    return this.#hosts.endAll();
  }

  async #ask(host: NetworkPort, peer: PeerId, { height, blockId: wanted }: Checkpoint): Promise<ValidatorRecords> {
    const { requests } = this.#edges;
    const [item] = await readHeaders(requests, host, peer, { from: height, count: 1, boundariesOnly: false });
    if (item === undefined || !equalBytes(blockId(item.header), wanted)) throw new DecodeError("another header");
    const { header } = item;
    const tail = await readSnapTail(requests, host, peer, header);
    if (!isTailOf(header, tail)) throw new DecodeError("records that the header does not commit to");
    return { header, aux: tail.aux, validators: tail.nextValidators };
  }
}
