export function compressLzma(bytes: Uint8Array): Uint8Array;
