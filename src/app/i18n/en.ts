import { aboutTexts } from "./en/about.ts";
import { drawCheckTexts } from "./en/draw-check.ts";
import { exploreTexts } from "./en/explore.ts";
import { installTexts } from "./en/install.ts";
import { lookTexts } from "./en/look.ts";
import { meTexts } from "./en/me.ts";
import { packetTexts } from "./en/packets.ts";
import { payTexts } from "./en/pay.ts";
import { proofTexts } from "./en/proof.ts";
import { requestTexts } from "./en/request.ts";
import { restoreTexts } from "./en/restore.ts";
import { safetyTexts } from "./en/safety.ts";
import { scanTexts } from "./en/scan.ts";
import { sendTexts } from "./en/send.ts";
import { settingsTexts } from "./en/settings.ts";
import { stakeTexts } from "./en/stake.ts";
import { startTexts } from "./en/start.ts";
import { stoppedTexts } from "./en/stopped.ts";

/** Every text of the app, a file for each group of screens. Other languages have the same keys, checked by the compiler. Parameters are formatted already. */
export const en = {
  ...startTexts,
  ...packetTexts,
  ...payTexts,
  ...scanTexts,
  ...sendTexts,
  ...proofTexts,
  ...requestTexts,
  ...restoreTexts,
  ...exploreTexts,
  ...lookTexts,
  ...drawCheckTexts,
  ...stakeTexts,
  ...meTexts,
  ...installTexts,
  ...safetyTexts,
  ...settingsTexts,
  ...stoppedTexts,
  ...aboutTexts,
} as const;

export type Widen<T> = T extends string
  ? string
  : T extends (...parameters: infer Parameters) => string
    ? (...parameters: Parameters) => string
    : { readonly [Key in keyof T]: Widen<T[Key]> };

/** The shape every language has. */
export type Texts = Widen<typeof en>;
