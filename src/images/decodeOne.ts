/** One picture of many: what a worker is asked, and what it answers. */
import { LanewiseError } from '../runtime/errors.js';
import { decodeImage } from './decode.js';
import { fitImage, type ImageOptions } from './fit.js';

/** A message to a worker. */
export interface DecodeRequest {
  readonly place: number;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly image: ImageOptions;
}

/** Its answer. */
export interface DecodeAnswer {
  readonly place: number;
  readonly image: Uint8Array | null;
  readonly reason: string;
}

/** Decodes a picture and makes an image of it. Errors that are not about the file are thrown. */
export function decodeOne({ place, name, bytes, image }: DecodeRequest): DecodeAnswer {
  try {
    return { place, image: fitImage(decodeImage(bytes, name), image), reason: '' };
  } catch (error) {
    if (!(error instanceof LanewiseError)) throw error;
    return { place, image: null, reason: error.reason };
  }
}
