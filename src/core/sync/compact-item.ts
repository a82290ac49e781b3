import type { Certificate } from "../chain/certificate.ts";
import type { CompactBlock } from "../chain/compact-block.ts";
import type { Header } from "../chain/header.ts";
import type { OutputCore } from "../chain/output.ts";
import type { ValidatorSet } from "../chain/validator-set.ts";

/** One answer of `hdr` (11.1). The decoders of `wire/requests` give these shapes. */
export interface HeaderItem {
  readonly header: Header;
  /** Certifies this header. */
  readonly certificate: Certificate;
  /** The set of next_val_hash, where it comes along. */
  readonly nextValidators: ValidatorSet | undefined;
}

/** An output of the full stream (flags bit 0). */
export interface StreamedOutput {
  readonly core: OutputCore;
  /** 512 bytes; undefined for types without one and for payloads the node has dropped. */
  readonly payload: Uint8Array | undefined;
}

/** One item of the `compact` stream (11.1). */
export interface CompactItem extends HeaderItem {
  readonly compact: CompactBlock;
  /** One per compact entry in full mode; undefined otherwise. */
  readonly outputs: readonly StreamedOutput[] | undefined;
}

/** What a node says of itself (`status`, 11.1). Unverified. */
export interface PeerStatus {
  readonly chainId: number;
  readonly genesis: Uint8Array;
  readonly height: number;
  readonly blockId: Uint8Array;
  /** Oldest height it still serves. */
  readonly oldestBlock: number;
}
