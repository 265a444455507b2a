/** The decoders of pictures that the library carries, as their packages have them. */
export const DECODER_FILES = ['jpeg-turbo', 'webp'].map((name) => `node_modules/@cwasm/${name}/${name}.wasm`);
