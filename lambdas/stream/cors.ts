import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';
import { streamCorsRules } from '../../protocol/cors.ts';

/** Answers what a browser asks before a request from another origin, and adds to an answer what it needs. */
export type Cors = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/**
 * CORS as a Function URL has it: for pages of these origins and no others.
 * @param origins with commas between them; undefined where no page of another origin may call.
 */
export function streamCors(origins: string | undefined): Cors {
  const { methods, requestHeaders, responseHeaders, seconds } = streamCorsRules;
  return cors({
    origin: origins?.split(',') ?? false,
    credentials: true,
    methods: [...methods],
    allowedHeaders: [...requestHeaders],
    exposedHeaders: [...responseHeaders],
    maxAge: seconds,
    optionsSuccessStatus: 200,
  });
}
