/** The loops that measure what a machine can do at most, as bytes in the command line. */
import relaxed from '../../build/bench/ceilings.relaxed.wasm';
import baseline from '../../build/bench/ceilings.wasm';

export const CEILING_FILES = { 'ceilings.wasm': baseline, 'ceilings.relaxed.wasm': relaxed };
