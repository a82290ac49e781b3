import { parentPort, workerData } from "node:worker_threads";
import { openBackend } from "../../../src/core/crypto/backend/open-backend.ts";
import { CompiledKernels } from "../../../src/node/crypto/compiled-kernels.ts";
import { fetchNetworkFile } from "./network-file.ts";
import { sharedBls } from "./phone-edges.ts";
import { Phone, type TapResult } from "./phone.ts";

/** The phones of one thread, by number, and where they find the network. */
export interface PhonesData {
  readonly url: string;
  readonly phones: readonly number[];
}
/** What they are told: that a tap is near, or the link that each of them taps on. */
export type PhonesOrder = { readonly type: "prepare" } | { readonly type: "tap"; readonly links: readonly string[] };
export type PhonesMessage =
  | { readonly type: "begun"; readonly count: number }
  | { readonly type: "prepared" }
  | { readonly type: "tapped"; readonly results: readonly TapResult[] };

/** Phones that connect at once. */
const AT_ONCE = 8;

const { url, phones: numbers } = workerData as PhonesData;
const say = (message: PhonesMessage): void => parentPort?.postMessage(message);

async function begin(): Promise<readonly Phone[]> {
  const curve = await openBackend(new CompiledKernels().source);
  const bls = sharedBls();
  const phones = numbers.map((number) => new Phone(curve, bls, () => fetchNetworkFile(url, number)));
  await someAtOnce(phones, async (phone) => {
    await phone.begin();
    say({ type: "begun", count: 1 });
  });
  return phones;
}

async function someAtOnce(phones: readonly Phone[], work: (phone: Phone) => Promise<void>): Promise<void> {
  let next = 0;
  const workOn = async (): Promise<void> => {
    for (let phone = phones[next++]; phone !== undefined; phone = phones[next++]) await work(phone);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, workOn));
}

const beginning = begin();

async function obey(order: PhonesOrder): Promise<void> {
  const phones = await beginning;
  if (order.type === "prepare") {
    await someAtOnce(phones, (phone) => phone.client.packets.prepare());
    say({ type: "prepared" });
    return;
  }
  const results = await Promise.all(phones.map((phone, index) => phone.tap(order.links[index]!)));
  say({ type: "tapped", results });
}

parentPort?.on("message", (order: PhonesOrder) => void obey(order));
