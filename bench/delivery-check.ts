/** Over all streams: what should have come exactly once and in one order, and did not. */
export interface DeliveryFaults {
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
}

/**
 * Checks that each stream gets each change exactly once, and all streams in the same order. Changes are numbered 0, 1,
 * 2, … by whoever makes them.
 */
export class DeliveryCheck {
  readonly #streams: number;
  /** Per stream: how often each change came. */
  readonly #counts: Uint8Array[];
  /** Per stream: how many of `#order` it has had. */
  readonly #places: Int32Array;
  /** The changes in the order in which any stream first received them. */
  readonly #order: number[] = [];
  readonly #accepted: Uint8Array;
  readonly #deliveries: Uint32Array;
  readonly #waiting = new Set<() => void>();
  #doubled = 0;
  #outOfOrder = 0;
  #missing = 0;

  /** @param changes how many changes there will be at the most */
  constructor(streams: number, changes: number) {
    this.#streams = streams;
    this.#counts = Array.from({ length: streams }, () => new Uint8Array(changes));
    this.#places = new Int32Array(streams);
    this.#accepted = new Uint8Array(changes);
    this.#deliveries = new Uint32Array(changes);
  }

  /** The API accepted a change: each stream must get it. */
  expect(change: number): void {
    this.#accepted[change] = 1;
    this.#missing += this.#streams - this.#deliveries[change]!;
  }

  /** A stream received a change. */
  receive(stream: number, change: number): void {
    const counts = this.#counts[stream]!;
    counts[change]! += 1;
    if (counts[change]! > 1) {
      this.#doubled += 1;
      return;
    }
    this.#deliveries[change]! += 1;
    this.#checkOrder(stream, change);
    if (this.#accepted[change] === 0) return;
    this.#missing -= 1;
    if (this.#missing === 0) this.#wake();
  }

  #checkOrder(stream: number, change: number): void {
    const place = this.#places[stream]!;
    if (place === this.#order.length && this.#deliveries[change] === 1) this.#order.push(change);
    if (this.#order[place] === change) {
      this.#places[stream] = place + 1;
      return;
    }
    this.#outOfOrder += 1;
    this.#places[stream] = this.#order.indexOf(change) + 1;
  }

  /** Resolves when every stream has every change that is expected so far. */
  async complete(): Promise<void> {
    while (this.#missing > 0) {
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
    }
  }

  /** The faults so far; what is still on its way counts as lost. */
  faults(): DeliveryFaults {
    return { lost: this.#missing, doubled: this.#doubled, outOfOrder: this.#outOfOrder };
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
