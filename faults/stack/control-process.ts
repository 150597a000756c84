/** The other side of `Control`: computes a little whenever it is asked to, and answers. */
import { createHash } from 'node:crypto';
import { parentPartner } from '../../bench/conversation.ts';

/** What some milliseconds of a core hash, bytes. */
const work = Buffer.alloc(1024 * 1024);

const parent = parentPartner();
for (;;) {
  await parent.hear('work');
  createHash('sha256').update(work).digest();
  parent.say('done');
}
