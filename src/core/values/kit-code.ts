/** Random bytes behind a code: 80 bits, which no scrypt has to be slow for. */
export const KIT_CODE_BYTES = 10;
/** Characters of a code, without what stands between them. */
export const KIT_CODE_SIZE = 16;
/** Longest text that is looked at. */
const TEXT_SIZE_MAX = 200;
const GROUP_SIZE = 4;
/** Without I, L, O and U: nobody can mistake them, and no word comes of it. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BITS = 5;
const PLAIN = new RegExp(`^[${ALPHABET}]*$`);

/** The code of a backup file as people write it down: four groups of four. */
export function formatKitCode(bytes: Uint8Array): string {
  if (bytes.length !== KIT_CODE_BYTES) throw new RangeError(`code of ${bytes.length} bytes`);
  let bits = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = "";
  for (let place = 0; place < KIT_CODE_SIZE; place++) {
    text = ALPHABET[Number(bits & 31n)]! + text;
    bits >>= BigInt(BITS);
  }
  return text.match(new RegExp(`.{${GROUP_SIZE}}`, "g"))!.join("-");
}

/** What a person typed, in the one form that keys are made from; undefined when it is no code. */
export function parseKitCode(text: string): string | undefined {
  if (text.length > TEXT_SIZE_MAX) return undefined;
  const plain = text
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s\p{Pd}.]/gu, "")
    .replace(/[IL]/g, "1")
    .replaceAll("O", "0");
  const isCode = plain.length === KIT_CODE_SIZE && PLAIN.test(plain);
  return isCode ? plain : undefined;
}
