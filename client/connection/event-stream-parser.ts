/** An event as it stands in a stream: its name, or `message` where it has none; its own id, or none. */
export interface StreamedEvent {
  readonly name: string;
  readonly id: string;
  readonly data: string;
}

export interface EventStreamListener {
  readonly onEvent: (event: StreamedEvent) => void;
  readonly onRetry: (milliseconds: number) => void;
}

const nothing: StreamedEvent = { name: 'message', id: '', data: '' };

/**
 * Makes what reads an event stream, in the pieces in which it arrives: text without a byte order mark.
 * Source: "Interpreting an event stream", https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function eventStreamParser({ onEvent, onRetry }: EventStreamListener): (piece: string) => void {
  /** A line whose end has not come. */
  let rest = '';
  let endsInReturn = false;
  let event = nothing;
  let hasData = false;
  const takeLine = (line: string): void => {
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
    if (line === '') {
      if (hasData) onEvent(event);
      event = nothing;
      hasData = false;
    } else if (field === 'event') event = { ...event, name: value || nothing.name };
    else if (field === 'id' && !value.includes('\0')) event = { ...event, id: value };
    else if (field === 'retry' && /^\d+$/.test(value)) onRetry(Number(value));
    else if (field === 'data') {
      event = { ...event, data: hasData ? `${event.data}\n${value}` : value };
      hasData = true;
    }
  };
  return (piece) => {
    rest += piece;
    // What has arrived of a long line is not looked at again with each of its pieces.
    if (!endsInReturn && !/[\r\n]/.test(piece)) return;
    // A return at the end may be the first half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    endsInReturn = rest.endsWith('\r');
    for (const line of lines) takeLine(line);
  };
}
