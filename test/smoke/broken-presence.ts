import type { Fault, NamedFault } from './broken-deployment.ts';
import { answering } from './broken-deployment.ts';

/** Tells at which private task a user is to those who may not see it, and to all others. */
function tellingPrivateTasks(): Fault {
  let secret: number | undefined;
  return {
    answer: async (request, forward) => {
      const answer = await forward(request);
      if (request.method !== 'POST' || !request.body.includes('"private"')) return answer;
      const { task } = (await answer.clone().json()) as { readonly task: { readonly id: number } };
      secret = task.id;
      return answer;
    },
    frames: () => (frame) =>
      secret !== undefined && /"presence\.(joined|updated)"/.test(frame)
        ? frame.replace(/"tasks":\[/, `"tasks":[${secret},`).replace(',]', ']')
        : frame,
  };
}

/** Faults of what is said and told of other users. */
export const brokenPresence: readonly NamedFault[] = [
  [
    'whose streams ignore presence',
    {
      answer: (request, forward) =>
        forward({ ...request, path: request.path.replace(/([?&])presence=[^&]*/, '$1') }),
    },
    {
      found: /asked for presence was not told who is there/,
      meaning: /the query did not reach the function/,
    },
  ],
  [
    'whose frames about users have ids',
    {
      frames: () => (frame) =>
        frame.includes('"presence.snapshot"') ? frame.replace(/\n\n$/, '\nid: 4f1c\n\n') : frame,
    },
    { found: /presence\.snapshot has an id/, meaning: /the cursor of a client moves/ },
  ],
  [
    'that does not serve who is there',
    answering('GET', /^\/presence/, () => Response.json({ code: 'not_found' }, { status: 404 })),
    { found: /GET \/presence answered 404/, meaning: /this path is not served here/ },
  ],
  [
    'that does not know who is there',
    answering('GET', /^\/presence/, () =>
      Response.json({ viewers: [] }, { headers: { 'cache-control': 'no-store' } }),
    ),
    { found: /GET \/presence lists no viewer/, meaning: /something else than what was said/ },
  ],
  [
    'that tells private tasks in presence',
    tellingPrivateTasks(),
    { found: /may not see that task/, meaning: /private tasks are told of by who views them/ },
  ],
  [
    'whose streams do not tell who types',
    { frames: () => (frame) => (frame.includes('"typing.') ? '' : frame) },
    { found: /did not tell that a user types/, meaning: /do not see each other/ },
  ],
  [
    'whose users never leave',
    { frames: () => (frame) => (frame.includes('"presence.left"') ? '' : frame) },
    { found: /did not tell that a page has closed/, meaning: /do not see each other/ },
  ],
  [
    'whose WebSocket does not tell who is there',
    { sockets: (message) => (message.includes('"presence.') ? undefined : message) },
    {
      found: /over the WebSocket presence\.snapshot did not come/,
      meaning: /second transport do not see who is there/,
    },
  ],
];
