import type { Section, StagedFinding } from './finding.ts';
import { code } from './markdown-text.ts';
import type { BundleChange, Review } from './review.ts';
import type { BundleSize } from './stage-assembly.ts';

const headings: Readonly<Record<Section, string>> = {
  'data-loss': 'Data loss',
  security: 'Security',
  resources: 'Other changes',
  cost: 'What it costs',
};

/** Gives the review as Markdown for a pull request, the most dangerous first. The same review gives the same text. */
export function markdown(review: Review): string {
  const { base, commit, stages, borrowsPackages } = review;
  const bundleNote = borrowsPackages
    ? ['', 'The packages differ too: the bundles of the base were made with those of the change.']
    : [];
  return [
    '## What a deploy of this change does',
    '',
    `${summary(review)} Compared with ${code(base)} at ${commit.slice(0, 10)}; stages: ${stages.join(', ')}.`,
    '',
    ...findingList(review, 'data-loss'),
    ...findingList(review, 'security'),
    ...findingList(review, 'resources'),
    '### Bundles',
    '',
    ...bundleTable(review.bundles),
    ...bundleNote,
    '',
    ...findingList(review, 'cost'),
  ]
    .join('\n')
    .trimEnd();
}

function summary({ findings }: Review): string {
  const alarms = (wanted: Section): number =>
    findings.filter(({ section, alarming }) => section === wanted && alarming).length;
  const [losses, openings] = [alarms('data-loss'), alarms('security')];
  if (findings.length === 0) return 'No resource changes.';
  if (losses + openings === 0) return 'Found nothing that loses data or opens access.';
  const parts = [
    ...(losses > 0 ? [`**data can be lost** (${losses})`] : []),
    ...(openings > 0 ? [`**access grows or its guards change** (${openings})`] : []),
  ];
  return `⚠️ Look twice: ${parts.join(', ')}.`;
}

function findingList({ findings, stages }: Review, wanted: Section): string[] {
  const own = findings.filter((finding) => finding.section === wanted);
  const list = own.length === 0 ? ['Nothing.'] : own.map((finding) => line(finding, stages));
  return [`### ${headings[wanted]}`, '', ...list, ''];
}

function line({ text, alarming, stages }: StagedFinding, all: readonly string[]): string {
  const where = stages.length === all.length ? '' : ` _(${stages.join(', ')})_`;
  return `- ${alarming ? '⚠️ ' : ''}${text}${where}`;
}

function bundleTable(bundles: readonly BundleChange[]): string[] {
  const changed = bundles.filter(
    ({ before, after }) => before?.raw !== after?.raw || before?.gzip !== after?.gzip,
  );
  if (changed.length === 0) return ['No size changes.'];
  return [
    '| function | raw | gzip |',
    '| -------- | --- | ---- |',
    ...changed.map(
      ({ name, before, after }) =>
        `| ${code(name)} | ${sizes(before, after, 'raw')} | ${sizes(before, after, 'gzip')} |`,
    ),
  ];
}

function sizes(
  before: BundleSize | undefined,
  after: BundleSize | undefined,
  measure: keyof BundleSize,
): string {
  if (before === undefined) return `new: ${bytes(after?.[measure] ?? 0)}`;
  if (after === undefined) return `gone: ${bytes(before[measure])}`;
  const difference = after[measure] - before[measure];
  return `${bytes(before[measure])} → ${bytes(after[measure])} (${difference > 0 ? '+' : ''}${difference} B)`;
}

function bytes(count: number): string {
  return `${(count / 1024).toFixed(1)} KiB`;
}

/** Cuts a text to so many characters at the end of a line, and says so: a comment on GitHub holds 65,536. */
export function cut(text: string, most: number): string {
  const note = '\n\n… and more: `npm run -s review` shows all of it.';
  if (text.length <= most) return text;
  const end = text.lastIndexOf('\n', most - note.length);
  return `${text.slice(0, Math.max(0, end))}${note}`;
}
