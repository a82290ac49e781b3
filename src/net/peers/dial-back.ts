import type { PeerId } from "../../core/ports/network-port.ts";
import { DIAL_BACKS_MAX, DIAL_BACKS_PER_HOST_MAX, DIAL_BACKS_RUNNING_MAX } from "../../wire/limits.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { ipHost, ipReach } from "./ip-range.ts";
import { ipOfAddress, parseNodeAddress } from "./peer-addresses.ts";

export interface DialBackPorts {
  /** Rejects unless the peer that the address names is there. */
  readonly probe: (address: string) => Promise<void>;
  readonly now: () => number;
  /** On a dev network: local addresses are looked at whoever asks. */
  readonly allowsPrivate: boolean;
}

/** Limits are for this long. */
const WINDOW_MS = 10 * 60_000;
const PORT_MIN = 1_024;
const PORTS_BELOW = [80, 443];

/**
 * Who asks to be found at an address makes us dial it: only his own, a few times, so that nobody sends us against
 * others (NW-15).
 */
export class DialBackDesk {
  readonly #ports: DialBackPorts;
  readonly #running = new Set<PeerId>();
  /** Looks of this window, by host. */
  #looks = new Map<string, number>();
  #lookCount = 0;
  #windowEndMs = 0;

  constructor(ports: DialBackPorts) {
    this.#ports = ports;
  }

  /** Looks for the asker there. `remote` is the address of its end of the connection. */
  async look(asker: PeerId, remote: string | undefined, claimed: string): Promise<"found" | "not_found" | "busy"> {
    const host = this.#hostToLookAt(asker, remote, claimed);
    if (host === undefined) return "not_found";
    if (this.#running.has(asker) || this.#running.size >= DIAL_BACKS_RUNNING_MAX || !this.#count(host)) return "busy";
    this.#running.add(asker);
    try {
      await this.#ports.probe(claimed);
      return "found";
    } catch {
      return "not_found";
    } finally {
      this.#running.delete(asker);
    }
  }

  /** undefined: not an address of the asker's own. */
  #hostToLookAt(asker: PeerId, remote: string | undefined, claimed: string): string | undefined {
    const parts = parseNodeAddress(claimed);
    const observed = remote === undefined ? undefined : ipOfAddress(remote);
    if (parts?.ip === undefined || parts.peer !== asker || observed === undefined) return undefined;
    if (parts.port < PORT_MIN && !PORTS_BELOW.includes(parts.port)) return undefined;
    const reach = ipReach(parts.ip);
    if (reach === "none") return undefined;
    if (reach !== "public") return this.#ports.allowsPrivate ? ipHost(parts.ip) : undefined;
    return equalBytes(parts.ip, observed) ? ipHost(parts.ip) : undefined;
  }

  #count(host: string): boolean {
    const now = this.#ports.now();
    if (now >= this.#windowEndMs) {
      this.#looks = new Map();
      this.#lookCount = 0;
      this.#windowEndMs = now + WINDOW_MS;
    }
    const looks = this.#looks.get(host) ?? 0;
    const isLocal = this.#ports.allowsPrivate;
    if (this.#lookCount >= DIAL_BACKS_MAX || (!isLocal && looks >= DIAL_BACKS_PER_HOST_MAX)) return false;
    this.#looks.set(host, looks + 1);
    this.#lookCount++;
    return true;
  }
}
