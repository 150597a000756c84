/** What a finding is about, in the order in which a reviewer must see it. */
const sections = ['data-loss', 'security', 'resources', 'cost'] as const;
export type Section = (typeof sections)[number];

/** One thing that a change of the templates does. */
export interface Finding {
  readonly section: Section;
  /** Whether data can be lost or access grows; what narrows access is shown too, but is no reason to stop. */
  readonly alarming: boolean;
  /** One line of Markdown. */
  readonly text: string;
}

/** A finding, and the stages that have it. */
export interface StagedFinding extends Finding {
  readonly stages: readonly string[];
}

/** Gives each finding once, with the stages that have it; alarming ones first, then in the order they came. */
export function mergeStages(
  byStage: ReadonlyArray<readonly [stage: string, findings: readonly Finding[]]>,
): StagedFinding[] {
  const merged = new Map<string, Finding & { readonly stages: string[] }>();
  for (const [stage, findings] of byStage) {
    for (const finding of findings) {
      const key = `${finding.section} ${finding.text}`;
      const known = merged.get(key);
      if (known === undefined) merged.set(key, { ...finding, stages: [stage] });
      else if (!known.stages.includes(stage)) known.stages.push(stage);
    }
  }
  const all = [...merged.values()];
  return [...all.filter(({ alarming }) => alarming), ...all.filter(({ alarming }) => !alarming)];
}
