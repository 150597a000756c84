import { createCipheriv, createDecipheriv } from 'node:crypto';
import { deriveKey } from '../log/cursor.ts';
import type { LogIdentity } from '../log/cursor.ts';
import type { Principal } from '../subscription/principal.ts';

/** What AES-256-GCM wants for each message, bytes; random ones are good for 2^32 messages of a key. NIST SP 800-38D, 8.3. */
export const nonceBytes = 12;

const tagBytes = 16;
const placeBytes = 8;

/** Nonce, place and tag are 36 bytes, of which each has but one text in base64url. */
const pageCursor = /^[A-Za-z0-9_-]{48}$/;

/** Key and principal of a page cursor. */
export interface PageCursorOwner {
  readonly identity: Pick<LogIdentity, 'key'>;
  readonly principal: Pick<Principal, 'workspace' | 'user'>;
}

/**
 * The place in a list as text that only its owner can use, and that tells nobody the id: the page may have ended at a task
 * that its reader may not see.
 * @param after the last id that was looked at; of an item that a script wrote, it may be no whole number.
 * @param nonce `nonceBytes` random bytes.
 */
export function sealPageCursor(owner: PageCursorOwner, after: number, nonce: Uint8Array): string {
  const cipher = createCipheriv('aes-256-gcm', keyOf(owner), nonce).setAAD(nameOf(owner));
  const place = Buffer.alloc(placeBytes);
  place.writeDoubleBE(after);
  return Buffer.concat([nonce, cipher.update(place), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  );
}

/** Reads what `sealPageCursor` made for the same owner; undefined for anything else. */
export function openPageCursor(owner: PageCursorOwner, text: string): number | undefined {
  if (!pageCursor.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  const nonce = bytes.subarray(0, nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(owner), nonce, { authTagLength: tagBytes })
    .setAAD(nameOf(owner))
    .setAuthTag(bytes.subarray(-tagBytes));
  const place = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return place.readDoubleBE();
}

function keyOf({ identity }: PageCursorOwner): ReturnType<typeof deriveKey> {
  return deriveKey(identity.key, 'page cursor');
}

function nameOf({ principal: { workspace, user } }: PageCursorOwner): Buffer {
  return Buffer.from(JSON.stringify([workspace, user]));
}
