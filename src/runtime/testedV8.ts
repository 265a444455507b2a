/**
 * Versions of V8 (major.minor.build) in which the wide kernels gave the committed digests for the whole case table and
 * all training runs, with 1, 2 and 3 threads, on the main thread and in a worker. Written by
 * `npm run test:engines -- --record`.
 */
export const TESTED_V8: readonly string[] = ['13.6.233', '14.6.202'];
