/** Bytes of PRF output: anything else is no secret. */
const PRF_SIZE = 32;
const TIMEOUT_MS = 120_000;
/** What the PRF is asked for, the same in every browser: a new one has nothing but the passkey. */
const PRF_INPUT = "stegos passkey 1";
const APP_NAME = "Stegos";
/** ES256, RS256, Ed25519. Nobody checks a signature here, but a browser wants to know. */
const ALGORITHMS = [-7, -257, -8];

/** unsupported: no passkeys here, as in browsers inside other apps · no_prf: this one gives no secret · exists: it is added already. */
export type PasskeyFault = "unsupported" | "cancelled" | "no_prf" | "exists" | "failed";

/** A passkey that has just been made; it counts for nothing before it was asked once. */
export interface MadePasskey {
  readonly ok: true;
  readonly credentialId: Uint8Array;
  /** Some give it at once. */
  readonly prf: Uint8Array | undefined;
  /** It can hold the sealed seed. */
  readonly canHold: boolean;
}

/** What a passkey gave. */
export interface AskedPasskey {
  readonly ok: true;
  readonly credentialId: Uint8Array;
  readonly prf: Uint8Array;
  /** What it holds, where it was asked for that. */
  readonly blob: Uint8Array | undefined;
  /** It has stored what it was given. */
  readonly isStored: boolean;
}

type Refused = { readonly ok: false; readonly code: PasskeyFault };

/** Passkeys as the app uses them; the browser's own in {@link openPasskeys}, a test's elsewhere. */
export interface Passkeys {
  readonly isSupported: boolean;
  make(name: string, known: readonly Uint8Array[]): Promise<MadePasskey | Refused>;
  /** One of `known`, or any of this site where that is empty. `store` is put into it, which needs one known id. */
  ask(known: readonly Uint8Array[], store?: Uint8Array): Promise<AskedPasskey | Refused>;
}

/** The browser's passkeys (WebAuthn level 3: PRF and large blobs). Whether they do is known by what they give. */
export function openPasskeys(page: Window): Passkeys {
  const { credentials } = page.navigator as Partial<Navigator>;
  const isSupported = credentials !== undefined && "PublicKeyCredential" in page;
  const run = async <T>(work: (container: CredentialsContainer) => Promise<T | Refused>): Promise<T | Refused> => {
    if (credentials === undefined || !isSupported) return { ok: false, code: "unsupported" };
    try {
      return await work(credentials);
    } catch (error) {
      return { ok: false, code: faultOf(error) };
    }
  };
  return {
    isSupported,
    make: (name, known) =>
      run(async (container) => {
        const made = (await container.create({ publicKey: creation(name, known) })) as PublicKeyCredential | null;
        if (made === null) return { ok: false, code: "cancelled" };
        const { prf, largeBlob } = made.getClientExtensionResults();
        // Some say that they can and give nothing yet; those that say they cannot are not asked.
        if (prf?.enabled === false) return { ok: false, code: "no_prf" };
        const credentialId = new Uint8Array(made.rawId);
        return { ok: true, credentialId, prf: secretOf(prf?.results?.first), canHold: largeBlob?.supported === true };
      }),
    ask: (known, store) =>
      run(async (container) => {
        const asked = (await container.get({ publicKey: request(known, store) })) as PublicKeyCredential | null;
        if (asked === null) return { ok: false, code: "cancelled" };
        const { prf, largeBlob } = asked.getClientExtensionResults();
        const secret = secretOf(prf?.results?.first);
        if (secret === undefined) return { ok: false, code: "no_prf" };
        const blob = largeBlob?.blob === undefined ? undefined : new Uint8Array(largeBlob.blob);
        const credentialId = new Uint8Array(asked.rawId);
        return { ok: true, credentialId, prf: secret, blob, isStored: largeBlob?.written === true };
      }),
  };
}

function creation(name: string, known: readonly Uint8Array[]): PublicKeyCredentialCreationOptions {
  return {
    rp: { name: APP_NAME },
    // Nothing of the wallet: whoever keeps the passkeys reads it.
    user: { id: random(16), name, displayName: name },
    challenge: random(32),
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: known.map(descriptor),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    timeout: TIMEOUT_MS,
    extensions: { prf: prfInput(), largeBlob: { support: "preferred" } },
  };
}

function request(known: readonly Uint8Array[], store: Uint8Array | undefined): PublicKeyCredentialRequestOptions {
  return {
    challenge: random(32),
    allowCredentials: known.map(descriptor),
    userVerification: "required",
    timeout: TIMEOUT_MS,
    extensions: { prf: prfInput(), largeBlob: store === undefined ? { read: true } : { write: owned(store) } },
  };
}

function descriptor(id: Uint8Array): PublicKeyCredentialDescriptor {
  return { type: "public-key", id: owned(id) };
}

function prfInput(): AuthenticationExtensionsPRFInputs {
  return { eval: { first: new TextEncoder().encode(PRF_INPUT) } };
}

function secretOf(source: BufferSource | undefined): Uint8Array | undefined {
  if (source === undefined) return undefined;
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
  return bytes.length === PRF_SIZE ? bytes : undefined;
}

/** A person who closes the browser's question, or lets it pass, is no failure. */
function faultOf(error: unknown): PasskeyFault {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return "cancelled";
  if (name === "InvalidStateError") return "exists";
  if (name === "NotSupportedError" || name === "SecurityError" || name === "ConstraintError") return "unsupported";
  return "failed";
}

function random(size: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(size));
}

function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
