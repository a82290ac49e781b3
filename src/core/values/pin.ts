/** Digits of a PIN. */
export const PIN_DIGITS_MIN = 6;
export const PIN_DIGITS_MAX = 32;

export type PinParseCode = "pin_short" | "pin_long" | "pin_not_digits" | "pin_simple";

/** A PIN as a person types or pastes it: wide digits of an input method count, spaces do not. */
export function parsePin(
  text: string,
): { readonly ok: true; readonly pin: string } | { readonly ok: false; readonly code: PinParseCode } {
  const pin = text.normalize("NFKC").replace(/\s+/g, "");
  if (!/^[0-9]*$/.test(pin)) return { ok: false, code: "pin_not_digits" };
  if (pin.length < PIN_DIGITS_MIN) return { ok: false, code: "pin_short" };
  if (pin.length > PIN_DIGITS_MAX) return { ok: false, code: "pin_long" };
  return isSimple(pin) ? { ok: false, code: "pin_simple" } : { ok: true, pin };
}

/** Tried first by whoever guesses: one step from each digit to the next, such as 000000, 123456 and 987654. */
function isSimple(pin: string): boolean {
  const step = (Number(pin[1]) - Number(pin[0]) + 10) % 10;
  if (step !== 0 && step !== 1 && step !== 9) return false;
  for (let index = 1; index < pin.length; index++) {
    if ((Number(pin[index]) - Number(pin[index - 1]) + 10) % 10 !== step) return false;
  }
  return true;
}
