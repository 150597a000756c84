import type { ErrorCode } from '../../protocol/errors.ts';
import type { Method, Routes } from '../../protocol/routes.ts';
import type { AnswerHeader, Parameter, RequestHeader } from './parameters.ts';
import type { Example, Schema } from './schema.ts';

/** The body of a request. */
export interface RequestBody {
  readonly schema: Schema;
  /** Whether it may come as plain text, as `navigator.sendBeacon` sends it. */
  readonly asBeacon?: true;
  /** Whether it may be left out. */
  readonly isOptional?: true;
  readonly example: Example;
}

/** The answer to a request that succeeds. */
export interface Success {
  readonly status: 200 | 201;
  readonly description: string;
  /** JSON; text of an event stream where there is none. */
  readonly schema?: Schema;
  /** Those that are always there. */
  readonly headers?: readonly AnswerHeader[];
  /** Those that may be. */
  readonly mayHave?: readonly AnswerHeader[];
  readonly example: unknown;
}

/** All that the document says of one method of one path. */
export interface Operation {
  /** What generated clients call it. */
  readonly id: string;
  readonly tag: 'tasks' | 'history' | 'presence' | 'stream' | 'connections';
  readonly summary: string;
  readonly description?: string;
  readonly query?: Readonly<Record<string, Parameter>>;
  readonly headers?: readonly RequestHeader[];
  readonly body?: RequestBody;
  readonly answer: Success;
  /** Without a body: why a client is told nothing. */
  readonly noContent?: string;
  /** Codes that it answers besides those that any operation may (`commonErrors`). */
  readonly errors: readonly ErrorCode[];
  /** Whether a token or a ticket may stand in the query. */
  readonly takesUrlSecrets?: true;
}

/** An operation for each method of each path: a route that has none does not compile. */
export type Operations<Served extends Routes> = {
  readonly [Path in keyof Served]: Readonly<
    Record<Extract<Served[Path], readonly Method[]>[number], Operation>
  >;
};
