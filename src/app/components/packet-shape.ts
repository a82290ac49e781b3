/** What has become of a packet, as its shape tells it. */
export type PacketShape = "sealed" | "opening" | "open" | "empty" | "expired" | "taken-back";

/** Lines of the drawing, in its units (100 × 160): also of the packet that the claim page shows before any script runs. */
export const PACKET_BODY = "M0 0h100v160H0z";
export const PACKET_FLAP = "M0 0h100v44a100 100 0 0 1-100 0z";
export const PACKET_RIM = "M0 44a100 100 0 0 0 100 0";
