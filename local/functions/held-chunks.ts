import type { InvocationReceiver } from './invocation.ts';

/** What `npm start -- --hold-chunks` holds back. Reports of what Lambda holds begin at 16 KB. Bytes. */
export const smallChunk = 16 * 1024;

/**
 * Holds back what Lambda may hold back: a chunk with fewer bytes than `limit` reaches the receiver with the next write,
 * or at the end.
 */
export function holdChunks(receiver: InvocationReceiver, limit: number): InvocationReceiver {
  let held: Buffer | undefined;
  const release = (): boolean => {
    const bytes = held;
    held = undefined;
    return bytes === undefined || receiver.chunk(bytes);
  };
  return {
    result: (json) => receiver.result(json),
    contentType: (type) => receiver.contentType(type),
    chunk: (bytes) => {
      const hasRoom = release();
      if (bytes.length >= limit) return receiver.chunk(bytes) && hasRoom;
      held = bytes;
      return hasRoom;
    },
    end: () => {
      release();
      receiver.end();
    },
    failed: (error) => {
      release();
      receiver.failed(error);
    },
  };
}
