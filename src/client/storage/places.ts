/** What a sealed row is bound to, so that it opens nowhere else. */
export const SECRETS_PLACE = "secrets";
export const LOCK_PLACE = "lock";
export const placeOf = (kind: string, row: number): string => `records/${kind}/${row}`;
