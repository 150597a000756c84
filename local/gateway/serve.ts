import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers a request of one kind. */
export type Serve = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;
