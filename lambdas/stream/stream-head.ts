import type { AnswerHead } from './host.ts';

/** Status and headers of an event stream. */
export const streamHead: AnswerHead = {
  statusCode: 200,
  headers: {
    'content-type': 'text/event-stream',
    // Without `no-transform` compressing proxies hold the stream back.
    'cache-control': 'no-cache, no-store, no-transform',
    'x-accel-buffering': 'no',
  },
};
