// The Worker and its Durable Object: tasks and their events in its storage, open streams in its memory.
export default {
  fetch(request, { TASKS }) {
    return TASKS.get(TASKS.idFromName('all')).fetch(request);
  },
};

const text = new TextEncoder();

export class TaskObject {
  #storage;
  #last = 0;
  /** Writers of the open streams. */
  #streams = new Set();

  constructor({ storage }) {
    this.#storage = storage;
  }

  fetch(request) {
    return request.method === 'POST' ? this.#create(request) : this.#open(request);
  }

  async #create(request) {
    const input = await request.json();
    this.#last += 1;
    const task = { id: this.#last, ...input };
    const frame = frameOf(task.id, { type: 'task.created', taskId: task.id, task });
    // The answer waits until this is stored; the output gate holds the frames back too.
    this.#storage.put(keyOf(task.id), frame);
    const bytes = text.encode(frame);
    for (const stream of this.#streams) this.#write(stream, bytes);
    return Response.json({ task }, { status: 201 });
  }

  async #open(request) {
    const had = Number(request.headers.get('last-event-id') ?? this.#last);
    const { readable, writable } = new IdentityTransformStream();
    const stream = writable.getWriter();
    this.#write(stream, text.encode(frameOf(had, { type: 'connection.established' })));
    const missed = await this.#storage.list({ start: keyOf(had + 1) });
    for (const frame of missed.values()) this.#write(stream, text.encode(frame));
    this.#streams.add(stream);
    return new Response(readable, { headers: { 'content-type': 'text/event-stream' } });
  }

  #write(stream, bytes) {
    stream.write(bytes).catch(() => this.#streams.delete(stream));
  }
}

const frameOf = (id, event) => `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
const keyOf = (id) => String(id).padStart(12, '0');
