/** The decoders of JPEG and WebP as the library carries them: a worker gets them from the program that starts it. */
import { decoderText as jpeg } from './jpeg-turbo.generated.js';
import { decoderText as webp } from './webp.generated.js';

export const carried = { jpeg, webp };
