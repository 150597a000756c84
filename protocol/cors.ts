import { errorsHeader, lastEventIdHeader } from './headers.ts';

/** What a page of another origin may do with the stream; docs/PROTOCOL.md says the same. */
export const streamCorsRules = {
  methods: ['GET'],
  /** What it may send. */
  requestHeaders: ['authorization', 'cache-control', lastEventIdHeader, errorsHeader],
  /** What it may read, of an answer to whoever asked for its status. */
  responseHeaders: ['retry-after'],
  /** How long a browser may remember this, seconds. */
  seconds: 3600,
} as const;
