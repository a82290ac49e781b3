import { describe, expect, it } from "vitest";
import { ipGroup, ipHost, ipReach, parseIp } from "../../../../src/net/peers/ip-range.ts";

describe("IP addresses", () => {
  it("are read in their usual forms and in no other", () => {
    expect(parseIp("1.2.3.4")).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(parseIp("2001:db8::1")?.slice(0, 5)).toEqual(Uint8Array.of(0x20, 1, 0x0d, 0xb8, 0));
    expect(parseIp("::")).toEqual(new Uint8Array(16));
    expect(parseIp("1:2:3:4:5:6:7:8")?.at(-1)).toBe(8);
    const hostile = [
      "",
      "1.2.3",
      "1.2.3.4.5",
      "256.1.1.1",
      "01.2.3.4",
      "1.2.3.-4",
      "1:2",
      ":::",
      "1::2::3",
      "g::",
      "::1%lo",
    ];
    for (const text of hostile) expect(parseIp(text), text).toBeUndefined();
    expect(parseIp("1:2:3:4:5:6:7:8:9")).toBeUndefined();
    expect(parseIp("1:2:3:4::5:6:7:8")).toBeUndefined();
  });

  it("an IPv4 address in an IPv6 coat is that IPv4 address", () => {
    for (const text of ["::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:7f00:1"]) {
      expect(ipReach(parseIp(text)!), text).toBe("loopback");
      expect(ipHost(parseIp(text)!)).toBe("127.0.0.1");
    }
  });

  it.each([
    ["8.8.4.4", "public"],
    ["172.15.0.1", "public"],
    ["172.32.0.1", "public"],
    ["2a00:1450::1", "public"],
    ["10.0.0.1", "private"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["100.127.0.1", "private"],
    ["fd00::1", "private"],
    ["127.3.2.1", "loopback"],
    ["::1", "loopback"],
    ["0.0.0.0", "none"],
    ["169.254.169.254", "none"],
    ["192.0.2.1", "none"],
    ["198.19.0.1", "none"],
    ["224.0.0.1", "none"],
    ["255.255.255.255", "none"],
    ["::", "none"],
    ["fe80::1", "none"],
    ["ff02::1", "none"],
    ["2001:db8::1", "none"],
    ["2002:7f00:1::", "none"],
    ["64:ff9b::7f00:1", "none"],
  ] as const)("[NW-15] %s is %s", (text, reach) => {
    expect(ipReach(parseIp(text)!)).toBe(reach);
  });

  it("[NW-16] one host is an IPv4 address or 64 bits of IPv6, one group 16 and 32 bits", () => {
    expect(ipHost(parseIp("8.8.4.4")!)).toBe("8.8.4.4");
    expect(ipHost(parseIp("2a00:1:2:3:4:5:6:7")!)).toBe(ipHost(parseIp("2a00:1:2:3::")!));
    expect(ipHost(parseIp("2a00:1:2:3::")!)).not.toBe(ipHost(parseIp("2a00:1:2:4::")!));
    expect(ipGroup(parseIp("8.8.4.4")!)).toBe(ipGroup(parseIp("8.8.200.1")!));
    expect(ipGroup(parseIp("8.8.4.4")!)).not.toBe(ipGroup(parseIp("8.9.4.4")!));
    expect(ipGroup(parseIp("2a00:1::")!)).toBe(ipGroup(parseIp("2a00:1:ffff::")!));
  });
});
