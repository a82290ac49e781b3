import { SECURITY_HEADERS } from "../src/node/rpc/security-headers.ts";

/** Headers of places that differ from the rest, as src/node/rpc/static-files.ts sends them. */
const PLACES: readonly (readonly [path: string, headers: Readonly<Record<string, string>>])[] = [
  ["/*", { ...SECURITY_HEADERS, "cache-control": "no-cache" }],
  ["/assets/*", { "cache-control": "public, max-age=31536000, immutable" }],
];

/** The headers of our own server in the form that several static hosts read from a file called `_headers`. */
export function headersFile(): string {
  return PLACES.map(([path, headers]) => {
    const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}\n`);
    // There the more special place does not replace a header but adds to it.
    return `${path}\n${path === "/*" ? "" : "  ! cache-control\n"}${lines.join("")}`;
  }).join("\n");
}
