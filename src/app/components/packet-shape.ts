/** What has become of a packet, as its shape tells it. */
export type PacketShape = "sealed" | "opening" | "open" | "empty" | "expired" | "taken-back";
