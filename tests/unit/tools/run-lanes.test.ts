import { expect, it } from "vitest";
import { runLanes } from "../../../tools/run-lanes.ts";

/** A task that ends when it is told to, and notes when it began. */
function heldTask(name: string, begun: string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const task = () => {
    begun.push(name);
    return promise;
  };
  const end = () => {
    resolve(name);
  };
  return { task, end, fail: reject };
}

/** Lets everything happen that needs no further event. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

it("runs lanes beside each other and a lane's tasks one after another", async () => {
  const begun: string[] = [];
  const [a, b, c] = ["a", "b", "c"].map((name) => heldTask(name, begun));
  const ran = runLanes([[a!.task, b!.task], [c!.task]], () => undefined);
  expect(begun).toEqual(["a", "c"]);
  a!.end();
  await settle();
  expect(begun).toEqual(["a", "c", "b"]);
  b!.end();
  c!.end();
  await ran;
});

it("hands results over in the order of the lanes, whatever ends first, and none later than it must", async () => {
  const told: string[] = [];
  const [a, b, c] = ["a", "b", "c"].map((name) => heldTask(name, []));
  const ran = runLanes([[a!.task, b!.task], [c!.task]], (name) => told.push(name));
  c!.end();
  await settle();
  expect(told).toEqual([]);
  a!.end();
  await settle();
  expect(told).toEqual(["a"]);
  b!.end();
  await ran;
  expect(told).toEqual(["a", "b", "c"]);
});

it("throws what a task threw when its turn has come, and starts no other of its lane", async () => {
  const begun: string[] = [];
  const told: string[] = [];
  const [a, b, c] = ["a", "b", "c"].map((name) => heldTask(name, begun));
  const ran = runLanes([[a!.task], [b!.task, c!.task]], (name) => told.push(name));
  b!.fail(new Error("no tool"));
  await settle();
  a!.end();
  await expect(ran).rejects.toThrow("no tool");
  expect(told).toEqual(["a"]);
  expect(begun).toEqual(["a", "b"]);
});
