import type { ClaimView, OpeningView, OpenLinkResult } from "../../src/api/packets.ts";
import { amount } from "../../src/core/values/amount.ts";
import type { FakeClient } from "./fake-client.ts";
import { FAKE_PACKET_LEAF, fakeClaim } from "./fake-packets.ts";

/** The claim that is made of the packet behind `fakePacketFragment`. */
export const FAKE_CLAIM_ID = `packet:${FAKE_PACKET_LEAF}`;

export function fakeOpened(change: Partial<ClaimView> = {}): ClaimView {
  return fakeClaim({ id: FAKE_CLAIM_ID, amount: amount(8_880_000n), count: 20, ...change });
}

/** The part of a fake client that opens packets: an opening goes on until a test says how it ends. */
export class FakeClaims {
  claims: readonly ClaimView[] = [];
  opening: OpeningView | undefined;
  /** What was asked to be opened, oldest first. */
  readonly opened: { readonly link: string; readonly password: string }[] = [];
  #waiting: ((result: OpenLinkResult) => void)[] = [];

  constructor(fake: FakeClient) {
    Object.assign(fake.packets, {
      open: (link: string, password: string) => {
        this.opened.push({ link, password });
        return new Promise<OpenLinkResult>((resolve) => this.#waiting.push(resolve));
      },
      opening: () => Promise.resolve(this.#waiting.length === 0 ? undefined : this.opening),
      claims: () => Promise.resolve(this.claims),
    });
  }

  /** Answers whoever waits. */
  answer(result: OpenLinkResult): void {
    for (const resolve of this.#waiting.splice(0)) resolve(result);
  }

  /** The claim is stored, and stands so. */
  store(claim: ClaimView): void {
    this.claims = [claim];
    this.answer({ ok: true, id: claim.id });
  }
}
