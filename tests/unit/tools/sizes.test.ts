import { expect, it } from "vitest";
import { shellFiles } from "../../../tools/sizes.ts";

it("counts what the entry imports statically, once, and nothing that comes later", () => {
  const manifest = {
    "index.html": { file: "index.js", isEntry: true, imports: ["_view.js", "_shared.js"], css: ["index.css"] },
    "_view.js": { file: "view.js", imports: ["_shared.js"] },
    "_shared.js": { file: "shared.js", imports: ["_view.js"] },
    "src/net/start.ts": { file: "libp2p.js", imports: ["_shared.js"] },
  };
  expect([...shellFiles(manifest, "index.html")].sort()).toEqual(["index.css", "index.js", "shared.js", "view.js"]);
});
