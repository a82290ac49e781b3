import type { CDPSession } from "playwright-core";

const AUTHENTICATOR = {
  protocol: "ctap2",
  ctap2Version: "ctap2_1",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
  hasPrf: true,
  hasLargeBlob: true,
} as const;

/** Gives the page a device that keeps passkeys and says yes by itself; its id. */
export async function plugInAuthenticator(
  devtools: CDPSession,
  change: Partial<Record<"hasPrf" | "hasLargeBlob", boolean>> = {},
): Promise<string> {
  await devtools.send("WebAuthn.enable");
  const options = { ...AUTHENTICATOR, ...change };
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
  return authenticatorId;
}
