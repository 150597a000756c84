import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../../protocol/routes.ts';
import type { Documents, Exchange } from './documents.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs');

type Json = Readonly<Record<string, unknown>>;
type Frame = Parameters<Documents['streamFrame']>[0];

/** What our functions serve; the page, the issuer and sign-in are at other paths. */
const { webSocket: _, ...served } = paths;
const firstParts = new Set(Object.values(served).map((path) => path.split('/')[1]));
const isOurs = (path: string): boolean => firstParts.has(path.split(/[/?]/)[1]);

/** What a message that reaches our function has at the most, characters. */
const longestMessage = 32 * 1024;

const mostTold = 10;

let documents: Documents | undefined;
const watched = new Set<string>();
const mismatches = new Set<string>();
const conversations = new Set<Conversation>();

const readJson = (name: string): Json => JSON.parse(readFileSync(join(docs, name), 'utf8')) as Json;

/**
 * Has all traffic with a stack held to docs/openapi.json and docs/asyncapi.json, from now on.
 * @param port where the stack is.
 * @param others in place of the documents of the repository.
 */
export async function watchTraffic(
  port: number,
  others?: readonly [openapi: Json, asyncapi: Json],
): Promise<void> {
  if (others || !documents) {
    // Only test files with a stack pay for it.
    const { Documents: Loaded } = await import('./documents.ts');
    documents = new Loaded(...(others ?? [readJson('openapi.json'), readJson('asyncapi.json')]));
  }
  watched.add(String(port));
}

/** Whether an address is that of a stack whose traffic is watched. */
export function isWatched(url: string): boolean {
  return watched.has(new URL(url).port);
}

/** Looks at an answer of a watched stack, and at its request. */
export function inspectExchange(exchange: Exchange): void {
  const { method, path, status, body } = exchange;
  if (!isOurs(path) || ['OPTIONS', 'HEAD'].includes(method) || isOfGateway(exchange)) return;
  note(`${method} ${path} → ${status}`, documents!.exchange(exchange), body);
}

/** Looks at a frame of a stream of a watched stack. */
export function inspectFrame(frame: Frame): void {
  note(`the frame ${frame.event ?? ''}`, documents!.streamFrame(frame), frame.data);
}

/** What is said on one WebSocket of a watched stack. */
export class Conversation {
  /** What a client said that the document does not have, and that was not refused yet. */
  readonly #wrong: string[] = [];

  constructor() {
    conversations.add(this);
  }

  /** Looks at what a client says. Tests say what is wrong, too: then it has to be refused. */
  said(text: string): void {
    // API Gateway's answer to one that is too long is to close the connection.
    if (text.length > longestMessage) return;
    const message = parsed(text);
    const faults = message === undefined ? ['it is not JSON'] : documents!.clientMessage(message);
    if (faults.length > 0) this.#wrong.push(describe('what a client said', faults, text));
  }

  /** Looks at what the server says. */
  heard(text: string): void {
    const frame = parsed(text) as Json | undefined;
    // What API Gateway says where the function has failed.
    if (frame && 'message' in frame && 'requestId' in frame) return;
    if (frame?.['event'] === 'error') this.#wrong.shift();
    note('a message of the server', frame ? documents!.socketFrame(frame) : ['it is not JSON'], text);
  }

  /** What was wrong and not refused. */
  takeWrong(): string[] {
    return this.#wrong.splice(0);
  }
}

/** What was found since the last call, each once. */
export function takeMismatches(): string[] {
  const found = [...mismatches];
  mismatches.clear();
  return found;
}

/** @throws {Error} for what was found since the last call. */
export function failOnMismatches(): void {
  const found = takeMismatches();
  if (found.length === 0) return;
  if (found.length > mostTold) found.splice(mostTold, found.length, `and ${found.length - mostTold} more`);
  throw new Error(`traffic that is not in docs/openapi.json and docs/asyncapi.json:\n${found.join('\n')}`);
}

/**
 * As `failOnMismatches`, when all that was said has been answered.
 * @throws {Error} also for what clients said that was wrong and not refused.
 */
export function failOnMismatchesAtEnd(): void {
  for (const conversation of conversations) for (const each of conversation.takeWrong()) mismatches.add(each);
  conversations.clear();
  failOnMismatches();
}

/** Whether an answer is API Gateway's, the Function URL's or CloudFront's own. */
function isOfGateway({ headers, status, body }: Exchange): boolean {
  const type = headers.get('content-type') ?? '';
  if (!type.includes('json')) return status >= 400;
  const [only, ...others] = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  return others.length === 0 && only?.toLowerCase() === 'message';
}

function note(what: string, faults: readonly string[], value: unknown): void {
  if (faults.length > 0) mismatches.add(describe(what, faults, JSON.stringify(value)));
}

function describe(what: string, faults: readonly string[], text: string): string {
  return `${what}: ${faults.join('; ')}\n  ${text?.slice(0, 500)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
