/**
 * What the machine's memory gives: `bytes` (a multiple of 64) copied from `source` to `target`, four vectors at a time.
 */
export function copy(target: usize, source: usize, bytes: usize): void {
  const end = source + bytes;
  while (source < end) {
    const a = v128.load(source);
    const b = v128.load(source, 16);
    const c = v128.load(source, 32);
    const d = v128.load(source, 48);
    v128.store(target, a);
    v128.store(target, b, 16);
    v128.store(target, c, 32);
    v128.store(target, d, 48);
    source += 64;
    target += 64;
  }
}
