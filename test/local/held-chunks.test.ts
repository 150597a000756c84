import { holdChunks } from '../../local/functions/held-chunks.ts';

function receive(): { heard: string[]; receiver: ReturnType<typeof holdChunks> } {
  const heard: string[] = [];
  const receiver = holdChunks(
    {
      result: (json) => heard.push(`result ${json.toString()}`),
      contentType: (type) => heard.push(`type ${type}`),
      chunk: (bytes) => {
        heard.push(bytes.toString());
        return bytes.toString() !== 'full';
      },
      end: () => heard.push('end'),
      failed: ({ errorType }) => heard.push(`failed ${errorType}`),
    },
    10,
  );
  return { heard, receiver };
}

describe('held chunks', () => {
  it('come with the next write, and with the end', () => {
    const { heard, receiver } = receive();
    receiver.contentType('text/plain');
    expect(receiver.chunk(Buffer.from('one'))).toBe(true);
    expect(heard).toEqual(['type text/plain']);
    receiver.chunk(Buffer.from('two'));
    expect(heard).toEqual(['type text/plain', 'one']);
    receiver.end();
    expect(heard).toEqual(['type text/plain', 'one', 'two', 'end']);
  });

  it('do not hold a large one, whose order stays', () => {
    const { heard, receiver } = receive();
    receiver.chunk(Buffer.from('small'));
    receiver.chunk(Buffer.from('large enough'));
    expect(heard).toEqual(['small', 'large enough']);
  });

  it('say when the receiver is full', () => {
    const { receiver } = receive();
    expect(receiver.chunk(Buffer.from('full'))).toBe(true);
    expect(receiver.chunk(Buffer.from('next'))).toBe(false);
  });

  it('are sent before a failure is', () => {
    const { heard, receiver } = receive();
    receiver.chunk(Buffer.from('small'));
    receiver.failed({ errorType: 'Crash', errorMessage: '' });
    receiver.result(Buffer.from('{}'));
    expect(heard).toEqual(['small', 'failed Crash', 'result {}']);
  });
});
