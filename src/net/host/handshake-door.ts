import type { ClearableSignal } from "@libp2p/interface";
import { WEBRTC_PENDING_MAX } from "../../wire/limits.ts";

const REFUSED: ClearableSignal = Object.assign(AbortSignal.abort(), { clear: () => undefined });

/**
 * Who may begin a handshake with a WebRTC listener. One packet of anybody's, with any sender's address on it, makes the
 * library open a peer connection and wait ten seconds: so many wait at once, and a packet above that costs next to
 * nothing.
 */
export class HandshakeDoor {
  #pendingCount = 0;
  #isShut = false;

  /** Called for each such packet; `begin` makes the signal that ends the attempt. */
  knock(begin: () => ClearableSignal): ClearableSignal {
    if (this.#isShut || this.#pendingCount >= WEBRTC_PENDING_MAX) return REFUSED;
    this.#pendingCount++;
    const attempt = begin();
    const clear = attempt.clear.bind(attempt);
    let isOver = false;
    return Object.assign(attempt, {
      clear: () => {
        if (!isOver) this.#pendingCount--;
        isOver = true;
        clear();
      },
    });
  }

  /** Lets nobody in any more. */
  shut(): void {
    this.#isShut = true;
  }
}
