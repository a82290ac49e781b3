/** UTF-8 bytes of a memo that fit one payload beside what opens the coin (MS-1). */
export const MEMO_BYTES_MAX = 426;
