import { KeyboardSensor } from '@dnd-kit/core';
import type { Activators, KeyboardSensorOptions, SensorInstance, SensorProps } from '@dnd-kit/core';
import type { TaskStatus } from '../../client/index.ts';
import { columnOf, columns } from './columns.ts';
import type { DragData } from './drag-data.ts';
import { columnOver } from './drag-data.ts';

export interface ColumnKeysOptions extends KeyboardSensorOptions {
  /** The column in which the keys have put the card; undefined while they have none. */
  readonly target: { current: TaskStatus | undefined };
}

/**
 * Lets keys take a card from column to column. It counts columns, where the library's own sensor finds them by where they
 * are: that loses a key that comes before all is measured again, and knows no own column on a narrow page.
 */
export class ColumnKeySensor implements SensorInstance {
  static readonly activators: Activators<ColumnKeysOptions> = KeyboardSensor.activators;
  readonly autoScrollEnabled = false;
  readonly #props: SensorProps<ColumnKeysOptions>;
  readonly #left: number;
  readonly #end = new AbortController();

  readonly #actions: Readonly<Record<string, (() => void) | undefined>> = {
    ArrowRight: () => this.#step(1),
    ArrowLeft: () => this.#step(-1),
    Space: () => this.#drop(),
    Enter: () => this.#drop(),
    // The focus does not leave a card that is in the air.
    Tab: () => this.#drop(),
    Escape: () => this.#cancel(),
  };

  constructor(props: SensorProps<ColumnKeysOptions>) {
    this.#props = props;
    const { active, activeNode, context, options } = props;
    const { task } = context.current.draggableNodes.get(active)!.data.current as DragData;
    options.target.current = columnOf(task);
    this.#left = activeNode.node.current?.getBoundingClientRect().left ?? 0;
    const { signal } = this.#end;
    addEventListener('resize', this.#cancel, { signal });
    document.addEventListener('visibilitychange', this.#cancel, { signal });
    props.onStart({ x: 0, y: 0 });
    document.addEventListener('keydown', this.#press, { signal });
  }

  readonly #press = (event: KeyboardEvent): void => {
    // The key that takes the card comes by here too.
    if (event === this.#props.event) return;
    const act = this.#actions[event.code];
    if (act === undefined) return;
    event.preventDefault();
    // Whoever holds the key that takes the card does not drop it with that.
    if (event.repeat && !event.code.startsWith('Arrow')) return;
    act();
  };

  #step(step: 1 | -1): void {
    const { context, options } = this.#props;
    const column = columns[columns.indexOf(options.target.current!) + step];
    if (column === undefined) return;
    options.target.current = column;
    const container = context.current.droppableContainers
      .getEnabled()
      .find(({ data }) => columnOver({ data }) === column);
    container?.node.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const left = container?.node.current?.getBoundingClientRect().left ?? this.#left;
    this.#props.onMove({ x: left + 8 - this.#left, y: 0 });
  }

  #drop(): void {
    this.#end.abort();
    this.#props.onEnd();
    this.#props.options.target.current = undefined;
  }

  readonly #cancel = (): void => {
    this.#end.abort();
    this.#props.onCancel();
    this.#props.options.target.current = undefined;
  };
}
