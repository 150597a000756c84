import type { ResumeReason } from '../../protocol/frames.ts';
import type { KeyObject } from 'node:crypto';
import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../subscription/principal.ts';
import { rightsFingerprint } from '../subscription/principal.ts';

/** A place in a workspace's log: the next frame to send. Comparable only within one `log`. */
export interface Position {
  /** Identity of the log. */
  readonly log: string;
  /** Number of the segment, from 1. */
  readonly segment: number;
  /** Index of the change in its segment. */
  readonly change: number;
  /** Index of the frame among those that the change gives to this principal. */
  readonly frame: number;
  /**
   * Number of the last segment that is the past to the reader: it was not there when that was logged. Left out where
   * the reader was there all the time.
   */
  readonly past?: number | undefined;
}

/** What names a log, and what it seals the cursors with that are given to clients. */
export interface LogIdentity {
  /** 16 hexadecimal digits, random. */
  readonly log: string;
  /** 32 random bytes in base64url. No client ever gets it. */
  readonly key: string;
}

/** Why a text is no cursor for a principal. */
export type CursorRefusal = Extract<ResumeReason, 'unknown_cursor' | 'rights_changed'>;

/** The longest text that can be a cursor; longer ones are not looked at. Characters. */
const longestCursor = 128;

const numberPattern = '(0|[1-9][0-9]{0,14})';
const cursorPattern = new RegExp(
  `^(([0-9a-f]{16})\\.${numberPattern}\\.${numberPattern}\\.${numberPattern}(?:\\.p${numberPattern})?\\.([A-Za-z0-9_-]{16}))\\.([A-Za-z0-9_-]{22})$`,
);

/** Of the 43 characters of SHA-256 in base64url: 132 bits. */
const sealCharacters = 22;

/** The start of a segment. */
export function startOf(log: string, segment: number): Position {
  return { log, segment, change: 0, frame: 0 };
}

/**
 * Makes the cursors of one principal, and opens only those that were made here: each carries an HMAC-SHA-256 over the
 * place and the principal's rights, with a key that only this log's workspace has. So a cursor is a receipt: whoever
 * shows it was given it.
 */
export class CursorSeal {
  readonly #log: string;
  readonly #key: KeyObject;
  readonly #rights: string;
  /** The last one made: pings and control frames repeat their position. */
  #last: { readonly position: Position; readonly text: string } | undefined;

  constructor({ log, key }: LogIdentity, principal: Principal) {
    this.#log = log;
    this.#key = deriveKey(key, 'stream cursor');
    this.#rights = rightsFingerprint(principal);
  }

  /** The cursor as text: letters, digits, `-`, `_` and dots, safe in a URL, a header and a frame. */
  seal(position: Position): string {
    if (this.#last?.position === position) return this.#last.text;
    const { log, segment, change, frame, past } = position;
    const upTo = past === undefined ? '' : `.p${past}`;
    const place = `${log}.${segment}.${change}.${frame}${upTo}.${this.#rights}`;
    const text = `${place}.${this.#macOf(place)}`;
    this.#last = { position, text };
    return text;
  }

  /**
   * Reads a cursor that a client gave back.
   * @returns its place, or why it has none here: it names other rights, or was not made with this log's key.
   */
  open(text: string): Position | CursorRefusal {
    const match = text.length <= longestCursor ? cursorPattern.exec(text) : null;
    if (!match) return 'unknown_cursor';
    const [, place, log, segment, change, frame, , rights, mac] = match as unknown as readonly string[];
    const past = match[6];
    // Compared before the seal, which the key of another workspace would break: so the client learns the better reason.
    if (rights !== this.#rights) return 'rights_changed';
    // The texts are compared and not the bytes: several texts stand for the same bytes.
    const isOurs = timingSafeEqual(Buffer.from(mac!), Buffer.from(this.#macOf(place!)));
    if (!isOurs || log !== this.#log) return 'unknown_cursor';
    const position = { log, segment: Number(segment), change: Number(change), frame: Number(frame) };
    return past === undefined ? position : { ...position, past: Number(past) };
  }

  #macOf(place: string): string {
    return createHmac('sha256', this.#key).update(place).digest('base64url').slice(0, sealCharacters);
  }
}

/**
 * A key for one purpose: what is made for one is of no use for another. A `KeyObject`: with bytes, an HMAC of Node 24 takes
 * some five times as long.
 */
export function deriveKey(key: string, purpose: string): KeyObject {
  const derived = hkdfSync('sha256', Buffer.from(key, 'base64url'), '', `taskwire ${purpose}`, 32);
  return createSecretKey(Buffer.from(derived));
}
