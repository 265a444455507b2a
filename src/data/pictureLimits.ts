/** How large a picture may be: what a small compressed file can ask for is bounded. */

/**
 * The most pixels, 2²⁴: 4096×4096. A 5K screen (14.7 million) and a page of A4 scanned at 400 dpi (15.5 million) are
 * within it.
 */
export const MOST_PIXELS = 2 ** 24;

/** The longest side: that of JPEG, and of a canvas in most browsers. */
export const LONGEST_SIDE = 65_535;

/** Both limits, as the error messages state them. */
export const PICTURE_LIMITS = `at most ${MOST_PIXELS} pixels, sides of 1 to ${LONGEST_SIDE}`;
