/** What a worker runs that decodes pictures. The first message has the decoders, each further one a picture. */
import { openParent } from '../runtime/workers.js';
import { carried } from './carried.js';
import { type DecodeRequest, decodeOne } from './decodeOne.js';

const parent = openParent((message) => {
  if ('jpeg' in (message as object)) {
    Object.assign(carried, message);
    return;
  }
  const answer = decodeOne(message as DecodeRequest);
  parent.post(answer, answer.image === null ? [] : [answer.image.buffer as ArrayBuffer]);
});
