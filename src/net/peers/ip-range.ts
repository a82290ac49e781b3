/** Who can reach an IP address: everybody, a local network, this machine, or nobody we would dial. */
export type IpReach = "public" | "private" | "loopback" | "none";

/** An IP address as bytes; an IPv4 address inside an IPv6 one counts as the former. undefined for anything else. */
export function parseIp(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseIp6(text) : parseIp4(text);
}

function parseIp4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return;
  return Uint8Array.from(parts, Number);
}

function parseIp6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(readGroups);
  const size = (head?.length ?? 0) + (tail?.length ?? 0);
  if (head === undefined || (halves.length === 2 && (tail === undefined || size > 14))) return undefined;
  if (halves.length === 1 && size !== 16) return undefined;
  const bytes = Uint8Array.from([...head, ...new Array<number>(16 - size).fill(0), ...(tail ?? [])]);
  const isMapped = bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((byte) => byte === 0);
  return isMapped ? bytes.slice(12) : bytes;
}

/** Groups of 16 bits, the last of which may be an IPv4 address. */
function readGroups(text: string): readonly number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    const ip4 = index === groups.length - 1 ? parseIp4(group) : undefined;
    if (ip4 !== undefined) bytes.push(...ip4);
    else if (/^[\da-f]{1,4}$/i.test(group)) bytes.push(parseInt(group, 16) >> 8, parseInt(group, 16) & 255);
    else return undefined;
  }
  return bytes;
}

/** `[first bytes, bits that count, reach]`; the first that fits decides. */
type Range = readonly [readonly number[], number, IpReach];

const IP4_RANGES: readonly Range[] = [
  [[10], 8, "private"],
  [[172, 16], 12, "private"],
  [[192, 168], 16, "private"],
  [[100, 64], 10, "private"],
  [[127], 8, "loopback"],
  [[0], 8, "none"],
  [[169, 254], 16, "none"],
  [[192, 0, 0], 24, "none"],
  [[192, 0, 2], 24, "none"],
  [[192, 88, 99], 24, "none"],
  [[198, 18], 15, "none"],
  [[198, 51, 100], 24, "none"],
  [[203, 0, 113], 24, "none"],
  // Multicast, reserved, broadcast.
  [[224], 3, "none"],
  [[], 0, "public"],
];

const IP6_RANGES: readonly Range[] = [
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 128, "loopback"],
  [[0xfc], 7, "private"],
  // Documentation; 6to4 and Teredo, which lead to IPv4 addresses inside.
  [[0x20, 0x01, 0x0d, 0xb8], 32, "none"],
  [[0x20, 0x02], 16, "none"],
  [[0x20, 0x01, 0, 0], 32, "none"],
  [[0x20], 3, "public"],
  [[], 0, "none"],
];

export function ipReach(ip: Uint8Array): IpReach {
  const range = (ip.length === 4 ? IP4_RANGES : IP6_RANGES).find(([prefix, bits]) => startsWith(ip, prefix, bits));
  return range![2];
}

function startsWith(ip: Uint8Array, prefix: readonly number[], bits: number): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = 0xff << Math.max(0, 8 - (bits - bit));
    if (((ip[bit / 8]! ^ (prefix[bit / 8] ?? 0)) & mask & 0xff) !== 0) return false;
  }
  return true;
}

/** What one person has: an IPv4 address, or a network of 64 bits in IPv6. Bans and limits count by it. */
export function ipHost(ip: Uint8Array): string {
  return ip.length === 4 ? ip.join(".") : `${words(ip, 4)}::/64`;
}

/** What one provider hands out together: 16 bits of IPv4, 32 of IPv6. A crowd from one such place is one voice. */
export function ipGroup(ip: Uint8Array): string {
  return ip.length === 4 ? `${ip[0]}.${ip[1]}.0.0/16` : `${words(ip, 2)}::/32`;
}

function words(ip: Uint8Array, count: number): string {
  return Array.from({ length: count }, (_, index) => ((ip[2 * index]! << 8) | ip[2 * index + 1]!).toString(16)).join(
    ":",
  );
}
