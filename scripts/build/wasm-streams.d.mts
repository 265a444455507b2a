export function splitWasm(module: Uint8Array): Uint8Array;
