export const TRANSACTION_VERSION = 1;

/** Kind byte of each transaction (chapter 4). */
export const TRANSACTION_KIND = { transfer: 0, claim: 1, "take-back": 2, unbond: 3, unjail: 4 } as const;
