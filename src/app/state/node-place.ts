/** Where a node is, the way people know addresses: host and port of a multiaddr. */
export function nodePlace(address: string): string {
  const [, kind = "", host = "", , port = ""] = address.split("/");
  if (!/^(ip4|ip6|dns|dns4|dns6)$/.test(kind) || host === "" || port === "") return address;
  return kind === "ip6" ? `[${host}]:${port}` : `${host}:${port}`;
}
