/** Tries out what the engine can do, where it holds up nothing. */
import { init, LanewiseError } from '../index.js';

export type EngineReply = { readonly threads: number; readonly threadsReason?: string } | { readonly error: string };

try {
  const { threads, threadsReason } = await init();
  postMessage({ threads, ...(threadsReason !== undefined && { threadsReason }) } satisfies EngineReply);
} catch (error) {
  postMessage({ error: error instanceof LanewiseError ? error.message : String(error) } satisfies EngineReply);
}
