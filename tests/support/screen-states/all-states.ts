import { CLAIM_STATES } from "./claim-states.ts";
import { EXPLORE_STATES } from "./explore-states.ts";
import { PACKET_STATES } from "./packet-states.ts";
import { PAY_STATES } from "./pay-states.ts";
import { REQUEST_STATES } from "./request-states.ts";
import { RESTORE_STATES } from "./restore-states.ts";
import { SAFETY_STATES } from "./safety-states.ts";
import type { ScreenState } from "./screen-state.ts";
import { SEND_STATES } from "./send-states.ts";
import { WALLET_STATES } from "./wallet-states.ts";

/** Every state of every screen: what scans and pictures go through. */
export const SCREEN_STATES: readonly ScreenState[] = [
  ...PAY_STATES,
  ...SEND_STATES,
  ...REQUEST_STATES,
  ...PACKET_STATES,
  ...EXPLORE_STATES,
  ...WALLET_STATES,
  ...RESTORE_STATES,
  ...SAFETY_STATES,
  ...CLAIM_STATES,
];
