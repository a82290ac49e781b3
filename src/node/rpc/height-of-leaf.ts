import { decodeCompactBlock } from "../../core/chain/compact-block.ts";
import { decodeHeader } from "../../core/chain/header.ts";
import { height, type Height, type LeafIndex } from "../../core/values/height.ts";
import type { NodeView } from "./node-view.ts";

/** The block that made a leaf: the first whose header counts beyond it. undefined once headers that old are dropped. */
export async function heightOfLeaf(
  view: Pick<NodeView, "store" | "status">,
  index: LeafIndex,
): Promise<Height | undefined> {
  const { window } = view.store.keptFrom();
  const oldest = await view.store.compact(window);
  if (oldest === undefined || decodeCompactBlock(oldest).firstLeaf > index) return undefined;
  let [low, high] = [window as number, view.status().height as number];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const header = await view.store.header(height(middle));
    if (header === undefined) return undefined;
    if (decodeHeader(header).nextLeaf > index) high = middle;
    else low = middle + 1;
  }
  return height(low);
}
