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
export type BackupRequest =
  | ({
      readonly type: "file";
    } & KitRequest)
  | ({
      readonly type: "passkey";
    } & PasskeyBackup);
/** Why a backup opens not. */
export type BackupFault = "code_invalid" | "too_large" | "no_picture" | "no_kit" | "damaged" | "newer" | "wrong_key";
export type CheckKitResult =
  | {
      readonly ok: true;
    }
  | {
      readonly ok: false;
      readonly code: BackupFault | "other_wallet";
    };
