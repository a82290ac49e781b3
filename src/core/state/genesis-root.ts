import type { Genesis } from "../chain/genesis.ts";
import { encodeOutputCore } from "../chain/output.ts";
import { ZERO_HASH, type Hash } from "../values/hash.ts";
import { height, leafIndex } from "../values/height.ts";
import { initialState } from "./leaf-state.ts";
import { tileLeafOf, type TreeSource } from "./tree.ts";
import { updateTree } from "./update-tree.ts";

const EMPTY_TREE: TreeSource = { leaf: () => undefined, record: () => undefined, node: () => ZERO_HASH };

/** utxo_root of header 0: whoever has the genesis needs nobody to tell him what was live at the beginning. */
export function genesisRoot(outputs: Genesis["outputs"]): Hash {
  const leaves = outputs.map((core, index) => {
    const leaf = leafIndex(index);
    const record = { height: height(0), core: encodeOutputCore(core), stateFields: initialState(core) };
    return [leaf, tileLeafOf(leaf, record)] as const;
  });
  return updateTree(EMPTY_TREE, new Map(leaves)).root;
}
