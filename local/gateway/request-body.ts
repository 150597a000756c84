import type { IncomingMessage } from 'node:http';

/** The body is longer than the limit. */
export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge';
}

/**
 * Reads a request's body.
 * @param limit bytes.
 * @throws {BodyTooLarge}; the rest of the body is thrown away as it comes, so that the client can read the answer.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on('end', () => {
      if (length > limit) reject(new BodyTooLarge());
      else resolve(Buffer.concat(chunks));
    });
    request.on('error', reject);
  });
}
