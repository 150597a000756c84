import { once } from 'node:events';
import { encodeFrame, FrameReader } from '../../local/functions/runtime/channel.ts';
import { HttpResponseStream, ResponseStream } from '../../local/functions/runtime/response-stream.ts';
import { PreludeReader } from '../../local/gateway/wire-format.ts';

const metadata = { statusCode: 201, headers: { 'content-type': 'text/event-stream' }, cookies: ['a=1'] };

function wire(body: string): Buffer {
  return Buffer.concat([Buffer.from(JSON.stringify(metadata)), Buffer.alloc(8), Buffer.from(body)]);
}

describe('the prelude of a streamed response', () => {
  it.each([1, 2, 3, 7, 8, 9, 1000])('is read from pieces of %i bytes', (size) => {
    const bytes = wire('data: x\0\0\n\n');
    const reader = new PreludeReader();
    let body: Buffer | undefined;
    for (let start = 0; start < bytes.length; start += size) {
      const piece = bytes.subarray(start, start + size);
      if (body !== undefined) {
        body = Buffer.concat([body, piece]);
        continue;
      }
      const parsed = reader.push(piece);
      if (parsed !== undefined) {
        expect(parsed.prelude).toEqual(metadata);
        ({ body } = parsed);
      }
    }
    expect(body?.toString()).toBe('data: x\0\0\n\n');
  });

  it('takes NUL bytes of the body as body', () => {
    const parsed = new PreludeReader().push(wire('\0\0\0\0\0\0\0\0\0'));
    expect(parsed?.body).toEqual(Buffer.alloc(9));
  });

  it('has status 200 and no headers where the metadata says nothing', () => {
    const parsed = new PreludeReader().push(Buffer.concat([Buffer.from('{}'), Buffer.alloc(8)]));
    expect(parsed?.prelude).toEqual({ statusCode: 200, headers: {}, cookies: [] });
  });

  it('must be JSON, and must end', () => {
    expect(() => new PreludeReader().push(Buffer.concat([Buffer.from('{'), Buffer.alloc(8)]))).toThrow(
      'JSON',
    );
    expect(() => new PreludeReader().push(Buffer.alloc(70_000, 'x'))).toThrow('no end');
  });
});

describe('the response stream of a handler', () => {
  function record(): { stream: ResponseStream; sent: string[] } {
    const sent: string[] = [];
    const stream = new ResponseStream({
      contentType: (type) => sent.push(`type ${type}`),
      chunk: (bytes, taken) => {
        sent.push(bytes.toString().replaceAll('\0', '0'));
        taken();
      },
      end: () => sent.push('end'),
      brokenOff: ({ message }) => sent.push(message),
    });
    return { stream, sent };
  }
  const integration = 'type application/vnd.awslambda.http-integration-response';

  it('sends nothing before the first write, then the prelude before it', () => {
    const { stream, sent } = record();
    const http = HttpResponseStream.from(stream, { statusCode: 200 });
    expect(sent).toEqual([]);
    http.write('a');
    expect(sent).toEqual([integration, '{"statusCode":200}', '00000000', 'a']);
    http.write('b');
    http.end();
    expect(sent.slice(4)).toEqual(['b', 'end']);
  });

  it('loses status and headers when the handler only calls end(data)', () => {
    const { stream, sent } = record();
    HttpResponseStream.from(stream, { statusCode: 404 }).end('x');
    expect(sent).toEqual([integration, 'x', 'end']);
  });

  it('says when the handler breaks it off, and not when it has ended', async () => {
    const { stream, sent } = record();
    stream.write('a');
    stream.destroy();
    await once(stream, 'close');
    expect(sent.slice(2)).toEqual([expect.stringContaining('broke off')]);
    const other = record();
    other.stream.end('a');
    await once(other.stream, 'close');
    expect(other.sent.slice(2)).toEqual(['end']);
  });

  it('writes objects as JSON, and refuses a late content type', () => {
    const { stream, sent } = record();
    stream.write({ a: 1 });
    expect(sent).toEqual(['type application/octet-stream', '{"a":1}']);
    expect(() => stream.setContentType('text/plain')).toThrow('too late');
  });

  it('makes the handler wait while the receiver takes nothing', async () => {
    let resume = (): void => {};
    const stream = new ResponseStream({
      contentType: () => {},
      chunk: (_bytes, taken) => {
        resume = taken;
      },
      end: () => {},
      brokenOff: () => {},
    });
    let isFull = false;
    while (!isFull) isFull = !stream.write('x'.repeat(1000));
    const drained = new Promise<void>((resolve) => {
      stream.on('drain', resolve);
    });
    const keepTaking = setInterval(() => resume(), 0);
    await drained.finally(() => clearInterval(keepTaking));
    expect(stream.writableNeedDrain).toBe(false);
  });
});

describe('the frames between the stack and a host', () => {
  it.each([1, 2, 5, 9, 10, 64, 5000])('survive being cut into pieces of %i bytes', (size) => {
    const payloads = ['', 'a', 'x'.repeat(300), '\0'.repeat(20)];
    const bytes = Buffer.concat(payloads.map((payload, index) => encodeFrame(index + 1, index * 7, payload)));
    const received: Array<[number, number, string]> = [];
    const reader = new FrameReader((type, invocation, payload) => {
      received.push([type, invocation, payload.toString()]);
    });
    for (let start = 0; start < bytes.length; start += size) reader.push(bytes.subarray(start, start + size));
    expect(received).toEqual(payloads.map((payload, index) => [index + 1, index * 7, payload]));
  });
});
