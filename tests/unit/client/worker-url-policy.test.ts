import { expect, it } from "vitest";
import { installWorkerUrlPolicy, isCryptoWorkerUrl } from "../../../src/client/worker-url-policy.ts";

const ORIGIN = "https://wallet.example";

it.each([
  ["/assets/crypto.worker-B2c_d-9.js", true],
  [`${ORIGIN}/assets/crypto.worker-Bcd.js`, true],
  ["/workers/crypto.worker.ts", true],
  ["https://elsewhere.example/assets/crypto.worker-Bcd.js", false],
  ["/assets/client.worker-Bcd.js", false],
  ["/assets/crypto.worker-Bcd.js/more", false],
  ["data:text/javascript,1", false],
  ["blob:https://wallet.example/1", false],
])("%s may be a worker: %s", (url, expected) => {
  expect(isCryptoWorkerUrl(url, ORIGIN)).toBe(expected);
});

it("installs a default policy where there are trusted types, and does without elsewhere", () => {
  let admit: ((url: string) => string) | undefined;
  installWorkerUrlPolicy(ORIGIN, { createPolicy: (_name, rules) => (admit = rules.createScriptURL) });
  expect(admit?.("/assets/crypto.worker-Bcd.js")).toBe("/assets/crypto.worker-Bcd.js");
  expect(() => admit?.("/evil.js")).toThrow(TypeError);
  installWorkerUrlPolicy(ORIGIN, undefined);
});
