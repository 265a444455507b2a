/** Tries out what the engine can do, where it holds up nothing. */
import { init, LanewiseError } from '../index.js';

export type EngineReply =
  | { readonly threads: number; readonly threadsReason?: string }
  | { readonly error: string; readonly hint?: string | undefined };

try {
  const { threads, threadsReason } = await init();
  postMessage({ threads, ...(threadsReason !== undefined && { threadsReason }) } satisfies EngineReply);
} catch (error) {
  const { summary, hint } = error instanceof LanewiseError ? error : { summary: String(error) };
  postMessage({ error: summary, hint } satisfies EngineReply);
}
