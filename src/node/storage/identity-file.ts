import { readFile } from "node:fs/promises";
import { generateIdentity } from "../../net/host/identity.ts";
import { writePrivateFile } from "./write-private-file.ts";

/**
 * The node's libp2p identity, made once: its addresses stay valid over restarts. It is there wholly or not at all, since
 * a node could not start on half of it.
 */
export async function openIdentityFile(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const identity = await generateIdentity();
  await writePrivateFile(path, identity);
  return identity;
}
