/** UTF-8 bytes of a memo that fit one payload beside what opens the coin (MS-1). */
export const MEMO_BYTES_MAX = 426;
/** Hits of one search; of more only the newest are shown. */
export const SEARCH_HITS_MAX = 100;
/** Characters of what is looked for. */
export const SEARCH_TEXT_SIZE_MAX = 256;
/** Bytes of a file that a picture is made of. */
export const PICTURE_FILE_BYTES_MAX = 20 * 1024 * 1024;
