/** Which files are pictures. */

/** A file longer than this is not read: compressed pixels are never much longer than the pixels. */
export const MOST_FILE_BYTES = 2 ** 27;
