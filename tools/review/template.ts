/** A resource of a template, as CloudFormation writes it. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** The parts of a template that are compared. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
  readonly Parameters?: Readonly<Record<string, unknown>>;
}

/** A stage as one revision of the code gives it. */
export interface StageTemplate {
  readonly template: Template;
  /** Logical id → name for a reader, such as `Api/Tasks/Function`. */
  readonly names: ReadonlyMap<string, string>;
}

/** Names for a reader, from before and after a change: what is gone has its name from before. */
export class Names {
  readonly #names: ReadonlyMap<string, string>;

  constructor(before: StageTemplate, after: StageTemplate) {
    this.#names = new Map([...before.names, ...after.names]);
  }

  of(logicalId: string): string {
    return this.#names.get(logicalId) ?? logicalId;
  }

  /** Puts names in the place of references: `${TasksTableB25E10E0.Arn}` becomes `TasksTable/Table`. */
  within(text: string): string {
    return text.replaceAll(
      /\$\{([A-Za-z0-9]+)(?:\.([\w.]+))?\}/g,
      (_, logicalId: string, attribute?: string) => {
        const suffix = attribute === undefined || attribute === 'Arn' ? '' : `.${attribute}`;
        return `${this.of(logicalId)}${suffix}`;
      },
    );
  }
}
