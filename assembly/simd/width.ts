/**
 * Whether these are the wide kernels (`--use LANEWISE_WIDE=1`, `asconfig.json`): made for engines that join pairs of
 * 128-bit operations to 256 bits. Pairs stand side by side in memory, are loaded before anything is stored, and are
 * stored one after the other; tiles have twice as many sums. Every sum has the same order, so the bits are the same.
 */
export const WIDE: bool = isDefined(LANEWISE_WIDE);
