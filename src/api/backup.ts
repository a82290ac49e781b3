/** A saved backup file and the code that goes with it, as a person gave them. */
export interface KitRequest {
  readonly file: Uint8Array;
  readonly code: string;
}

/** What a passkey gave: the 32 bytes for our salt, and what was once put into it. */
export interface PasskeyBackup {
  readonly credentialId: Uint8Array;
  readonly prf: Uint8Array;
  readonly blob: Uint8Array;
}

export type BackupRequest = ({ readonly type: "file" } & KitRequest) | ({ readonly type: "passkey" } & PasskeyBackup);

/** Why a backup opens not. */
export type BackupFault =
  | "code_invalid" // no code of ours: 16 letters and digits
  | "too_large"
  | "no_picture" // another kind of file
  | "no_kit" // a picture without a backup, such as a copy that was made smaller on its way
  | "damaged"
  | "newer" // made by a later version of the app
  | "wrong_key"; // of another code or passkey

export type CheckKitResult =
  { readonly ok: true } | { readonly ok: false; readonly code: BackupFault | "other_wallet" };
