import type { PinParseCode } from "../core/values/pin.ts";

/** What a person opens a locked wallet with. `prf`: the 32 bytes that the passkey gave for our salt. */
export type Unlock =
  | { readonly type: "pin"; readonly pin: string }
  | { readonly type: "passkey"; readonly credentialId: Uint8Array; readonly prf: Uint8Array };

/** A locked wallet, as somebody without its keys may see it. */
export interface LockView {
  readonly hasPin: boolean;
  /** Ids of the passkeys that open it. */
  readonly passkeys: readonly Uint8Array[];
  /** Before the next PIN is looked at, in milliseconds. */
  readonly waitMs: number;
  /** What came of what was just tried. `too_soon`: it was not looked at. */
  readonly refused: "wrong_pin" | "too_soon" | "passkey_unknown" | undefined;
}

/** A passkey that opens the wallet, as its owner sees it. */
export interface PasskeyView {
  readonly credentialId: Uint8Array;
  readonly addedMs: number;
  /** It also brings the wallet back in another browser. */
  readonly holdsSeed: boolean;
}

export type LockFault = "storage_full" | "storage_failed";

export type ChangeLockResult = { readonly ok: true } | { readonly ok: false; readonly code: LockFault };

/** A passkey that has shown its 32 bytes. */
export interface NewPasskey {
  readonly credentialId: Uint8Array;
  readonly prf: Uint8Array;
  /** It said that it has stored the sealed seed. */
  readonly holdsSeed: boolean;
}

/** no_prf: other than 32 bytes; too_many: PASSKEYS_MAX of them open the wallet. */
export type AddPasskeyResult =
  { readonly ok: true } | { readonly ok: false; readonly code: LockFault | "no_prf" | "too_many" };

export type SetPinResult = { readonly ok: true } | { readonly ok: false; readonly code: PinParseCode | LockFault };
