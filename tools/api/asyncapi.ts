import { paths } from '../../protocol/routes.ts';
import { bearerPrefix, subprotocol } from '../../protocol/web-socket.ts';
import type { Messages } from './messages.ts';
import { clientMessages } from './client-messages.ts';
import { messageSchemas, socketMessages, streamMessages } from './messages.ts';
import { info, sharedSchemas } from './openapi.ts';
import { unsaidText } from './unsaid.ts';

type Json = Readonly<Record<string, unknown>>;

/** `task.status_changed` of the stream → `stream.task.status_changed`: what messages of a channel are called. */
const namesOf = (channel: string, messages: Messages): string[] =>
  Object.keys(messages).map((name) => `${channel}.${name}`);

const refsTo = (where: string, names: readonly string[]): Json[] =>
  names.map((name) => ({ $ref: `#/${where}/${name}` }));

const refsByName = (where: string, names: readonly string[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/${where}/${name}` }]));

function messageObjects(channel: string, messages: Messages): Json {
  return Object.fromEntries(
    Object.entries(messages).map(([name, message]) => [
      `${channel}.${name}`,
      { name, contentType: 'application/json', ...message },
    ]),
  );
}

const host = { default: 'localhost:8788', description: 'Of your deployment.' };
const security = [
  { $ref: '#/components/securitySchemes/bearer' },
  { $ref: '#/components/securitySchemes/token' },
  { $ref: '#/components/securitySchemes/ticket' },
];
const stream = namesOf('stream', streamMessages);
const socket = namesOf('socket', socketMessages);
const client = namesOf('client', clientMessages);

const channels = {
  stream: {
    address: paths.stream,
    title: 'The event stream',
    description:
      'Frames of `text/event-stream`. The payload is the `data` of a frame, and the headers are its other fields. How it is opened is in docs/openapi.json.',
    servers: [{ $ref: '#/servers/https' }],
    messages: refsByName('components/messages', stream),
  },
  socket: {
    address: paths.webSocket,
    title: 'The WebSocket',
    description: `A client may offer the subprotocol \`${subprotocol}\`, and its token beside it as \`${bearerPrefix}<jwt>\`. Nothing but answers is sent before it has subscribed.`,
    servers: [{ $ref: '#/servers/wss' }],
    messages: refsByName('components/messages', [...socket, ...client]),
    bindings: {
      ws: {
        method: 'GET',
        query: { type: 'object', properties: { token: { type: 'string' }, ticket: { type: 'string' } } },
        bindingVersion: '0.1.0',
      },
    },
  },
};

const operations = {
  sendFrames: {
    action: 'send',
    channel: { $ref: '#/channels/stream' },
    summary: 'What a stream tells.',
    messages: refsTo('channels/stream/messages', stream),
  },
  pushFrames: {
    action: 'send',
    channel: { $ref: '#/channels/socket' },
    summary: 'What a WebSocket tells.',
    messages: refsTo('channels/socket/messages', socket),
  },
  hearClients: {
    action: 'receive',
    channel: { $ref: '#/channels/socket' },
    summary: 'What clients of a WebSocket say.',
    messages: refsTo('channels/socket/messages', client),
  },
};

/** Stream and WebSocket as an AsyncAPI 3.0 document, whose application is the server. */
export function asyncApiDocument(): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Taskwire: streams and WebSockets',
      version: info.version,
      license: { name: info.license.name },
      description: `What happens to tasks, as it happens. docs/PROTOCOL.md is the contract in words.\n\n${unsaidText}`,
    },
    defaultContentType: 'application/json',
    servers: {
      https: { host: '{host}', protocol: 'https', variables: { host }, security },
      wss: { host: '{host}', protocol: 'wss', variables: { host }, security },
    },
    channels,
    operations,
    components: {
      schemas: { ...sharedSchemas, ...messageSchemas },
      messages: {
        ...messageObjects('stream', streamMessages),
        ...messageObjects('socket', socketMessages),
        ...messageObjects('client', clientMessages),
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        token: { type: 'httpApiKey', in: 'query', name: 'token' },
        ticket: { type: 'httpApiKey', in: 'query', name: 'ticket' },
      },
    },
  };
}
