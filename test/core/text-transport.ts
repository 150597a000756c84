import { encodeFrame } from '../../protocol/sse.ts';
import type { Transport } from '../../core/session/transport.ts';

/** Carries frames as the text of an event stream. */
export function textTransport(
  write: (text: string) => Promise<void> | undefined,
  broken: Promise<void> = new Promise(() => undefined),
  close: Transport['close'] = () => undefined,
): Transport {
  return { write: (frames) => write(frames.map(encodeFrame).join('')), broken, close };
}
