import type { Texts } from "./en.ts";
import { aboutTexts } from "./zh/about.ts";
import { drawCheckTexts } from "./zh/draw-check.ts";
import { exploreTexts } from "./zh/explore.ts";
import { installTexts } from "./zh/install.ts";
import { lookTexts } from "./zh/look.ts";
import { meTexts } from "./zh/me.ts";
import { packetTexts } from "./zh/packets.ts";
import { payTexts } from "./zh/pay.ts";
import { proofTexts } from "./zh/proof.ts";
import { requestTexts } from "./zh/request.ts";
import { restoreTexts } from "./zh/restore.ts";
import { safetyTexts } from "./zh/safety.ts";
import { scanTexts } from "./zh/scan.ts";
import { sendTexts } from "./zh/send.ts";
import { settingsTexts } from "./zh/settings.ts";
import { stakeTexts } from "./zh/stake.ts";
import { startTexts } from "./zh/start.ts";
import { stoppedTexts } from "./zh/stopped.ts";

export const zh: Texts = {
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
};
