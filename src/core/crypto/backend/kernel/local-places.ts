export const [GET, SET, TEE] = [0x20, 0x21, 0x22] as const;

/** A use of a local variable, unless the function begins with it, and the bytes until the next use. */
export interface LocalUse {
  readonly use?: { readonly code: number; readonly local: number };
  readonly bytes: number[];
}

/** A function's uses of locals with the places they get. */
export interface PlacedLocals<Type> {
  readonly parts: readonly LocalUse[];
  /** The place of each part's local. */
  readonly placeOf: readonly number[];
  /** Of the places after the parameters. */
  readonly types: readonly Type[];
}

/**
 * Code is written with a local variable for each value. Here what is set and taken at once stays on the stack, and in
 * functions without loops and branches a local's place goes to another one after its last use: modules get much smaller.
 */
export function placeLocals<Type>(
  written: readonly LocalUse[],
  paramCount: number,
  typeOf: (local: number) => Type,
  isStraight: boolean,
): PlacedLocals<Type> {
  const parts = withoutDetours(written);
  const last = new Map<number, number>();
  parts.forEach(({ use }, index) => use && last.set(use.local, index));
  const places = new Map<number, number>(Array.from({ length: paramCount }, (_, index) => [index, index]));
  const types: Type[] = [];
  /** The lowest one first: the fewer places, the more code is alike, and the better it packs. */
  const free = new Map<Type, number[]>();
  const freeOf = (type: Type): number[] => {
    const known = free.get(type) ?? [];
    free.set(type, known);
    return known;
  };
  const placeOf = parts.map(({ use }, index) => {
    if (use === undefined) return -1;
    const { local } = use;
    const type = typeOf(local);
    let place = places.get(local);
    if (place === undefined) {
      // A local that is read first is zero, so that it needs a place of its own.
      place = use.code === GET ? undefined : freeOf(type).pop();
      place ??= paramCount + types.push(type) - 1;
      places.set(local, place);
    }
    if (isStraight && local >= paramCount && last.get(local) === index) {
      freeOf(type).push(place);
      freeOf(type).sort((a, b) => b - a);
    }
    return place;
  });
  return { parts, placeOf, types };
}

/** Without "set, get" of one local: "tee", or nothing if that was its only use. */
function withoutDetours(written: readonly LocalUse[]): readonly LocalUse[] {
  const counts = new Map<number, number>();
  for (const { use } of written) if (use) counts.set(use.local, (counts.get(use.local) ?? 0) + 1);
  const parts: LocalUse[] = [];
  for (const part of written) {
    const before = parts.at(-1);
    const isDetour =
      part.use?.code === GET &&
      before?.use?.code === SET &&
      before.use.local === part.use.local &&
      before.bytes.length === 0;
    if (!isDetour) parts.push(part);
    else {
      const { local } = before.use;
      const bytes = [...part.bytes];
      parts.pop();
      if (counts.get(local) === 2) parts.push({ bytes });
      else parts.push({ use: { code: TEE, local }, bytes });
    }
  }
  return parts;
}
