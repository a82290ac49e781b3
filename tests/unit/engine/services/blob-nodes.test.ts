import { describe, expect, it } from "vitest";
import { placeBlob } from "../../../../src/core/blob/place-blob.ts";
import type { LightClientState } from "../../../../src/core/machines/light-client-state.ts";
import type { NetworkConfig, NodeConfig } from "../../../../src/core/sync/network-config.ts";
import { blobNodes } from "../../../../src/engine/services/blob-nodes.ts";
import { smallBlob } from "../../../support/blob-world.ts";

const { blobId } = smallBlob(1);

const named = (names: readonly string[]): readonly NodeConfig[] =>
  names.map((name) => ({ operator: name, addresses: [`/fake/${name}/p2p/${name}`] }));

/** Places as a device finds them that knows the nodes of a file, and has met others. */
function placesOf(listed: readonly string[], learnt: readonly string[]): readonly string[] {
  const nodes = named([...listed, ...learnt]);
  const known = { listed: named(listed), learnt: named(learnt).map((node) => ({ ...node, metMs: 1 })) };
  const state = { durable: { known } } as unknown as LightClientState;
  const run = { state, until: () => new Promise<never>(() => undefined) };
  return blobNodes(run, { nodes } as unknown as NetworkConfig, blobId).map(({ name }) => name);
}

describe("[MS-13] the nodes of a blob", () => {
  const listed = ["a", "b", "c", "d", "e"];

  it("are the same for everybody with the same file, whomever else they have met", () => {
    const nearest = placeBlob(blobId, listed);
    for (const learnt of [[], ["x", "y", "z"], Array.from({ length: 60 }, (_, index) => `n${index}`)])
      expect(placesOf(listed, learnt)).toEqual(nearest);
  });

  it("are filled up with others where the file has fewer than four", () => {
    const learnt = ["v", "w", "x", "y"];
    expect(placesOf(["a", "b"], learnt)).toEqual([
      ...placeBlob(blobId, ["a", "b"]),
      ...placeBlob(blobId, learnt).slice(0, 2),
    ]);
    expect(placesOf([], learnt)).toEqual(placeBlob(blobId, learnt));
    expect(placesOf(["a"], ["a", "b"])).toEqual(["a", "b"]);
    expect(placesOf([], [])).toEqual([]);
  });
});
