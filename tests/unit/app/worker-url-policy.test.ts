import { expect, it } from "vitest";
import { installWorkerUrlPolicy, isWorkerUrl } from "../../../src/app/client/worker-url-policy.ts";

const ORIGIN = "https://wallet.example";

it("admits our own workers and nothing else", () => {
  for (const url of [
    "/service.worker.js",
    "/assets/client.worker-5JFnY-_x.js",
    "/assets/media.worker-5JFnY-_x.js",
    "/assets/scan.worker-5JFnY-_x.js",
    "/workers/client.worker.ts?worker_file",
  ]) {
    expect(isWorkerUrl(url, ORIGIN)).toBe(true);
    expect(isWorkerUrl(ORIGIN + url, ORIGIN)).toBe(true);
    expect(isWorkerUrl(`https://evil.example${url}`, ORIGIN)).toBe(false);
  }
  const refused = [
    "/assets/index-abc.js",
    "/x/service.worker.js",
    "/assets/client.worker-a.js/b.js",
    "data:text/javascript,1",
  ];
  for (const url of [...refused, "blob:https://wallet.example/1", "//evil.example/service.worker.js"]) {
    expect(isWorkerUrl(url, ORIGIN)).toBe(false);
  }
});

it("refuses by throwing, which blocks the worker", () => {
  let rule: ((url: string) => string) | undefined;
  installWorkerUrlPolicy(ORIGIN, { createPolicy: (_name, rules) => (rule = (url) => rules.createScriptURL(url)) });
  expect(rule?.("/service.worker.js")).toBe("/service.worker.js");
  expect(() => rule?.("/assets/evil.js")).toThrow(TypeError);
});
