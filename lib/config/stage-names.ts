/** The stages that exist. A stage is one deployed copy of the stack; an account can hold several. */
export const stageNames = ['local', 'dev', 'staging', 'production'] as const;
export type StageName = (typeof stageNames)[number];
