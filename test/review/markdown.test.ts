import { cut, markdown } from '../../tools/review/markdown.ts';
import { review } from '../../tools/review/review.ts';
import type { StageAssembly } from '../../tools/review/stage-assembly.ts';
import { sampleTemplate, staged } from './template-samples.ts';

function assembly(alter: (resources: ReturnType<typeof sampleTemplate>) => void, raw: number): StageAssembly {
  const Resources = sampleTemplate();
  alter(Resources);
  return { ...staged({ Resources }), bundles: new Map([['Api/Tasks/Function', { raw, gzip: raw / 4 }]]) };
}

const about = { base: 'main', commit: '0123456789abcdef', borrowsPackages: false };
const before = assembly(() => undefined, 4096);

describe('the report', () => {
  it('tells what is dangerous first, each finding once, with the stages that have it', () => {
    const dropped = assembly((resources) => {
      delete resources['TasksTable'];
      resources['Url']!.Properties['AuthType'] = 'NONE';
    }, 5120);
    const larger = assembly((resources) => {
      resources['Url']!.Properties['AuthType'] = 'NONE';
      resources['TasksFunction']!.Properties['MemorySize'] = 1024;
    }, 5120);
    const report = markdown(
      review(
        [
          { stage: 'dev', before, after: dropped },
          { stage: 'production', before, after: larger },
        ],
        about,
      ),
    );
    expect(report).toContain(
      '⚠️ Look twice: **data can be lost** (1), **access grows or its guards change** (1). Compared with `main` at 0123456789; stages: dev, production.',
    );
    const order = ['### Data loss', '### Security', '### Other changes', '### Bundles', '### What it costs'];
    const places = order.map((heading) => report.indexOf(heading));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(report).toContain('nothing uses them any more _(dev)_');
    expect(report.match(/anybody can call the Function URL/g)).toHaveLength(1);
    expect(report).toContain(
      '| `Api/Tasks/Function` | 4.0 KiB → 5.0 KiB (+1024 B) | 1.0 KiB → 1.3 KiB (+256 B) |',
    );
    expect(report).toMatch(/`MemorySize` .* _\(production\)_/);
  });

  it('says so when nothing changes', () => {
    const report = markdown(review([{ stage: 'dev', before, after: before }], about));
    expect(report).toContain('No resource changes.');
    expect(report).toContain('No size changes.');
  });

  it('is cut at the end of a line where it is too long', () => {
    const text = Array.from({ length: 100 }, (_, line) => `- line ${line}`).join('\n');
    const short = cut(text, 300);
    expect(short.length).toBeLessThanOrEqual(300);
    expect(short).toMatch(/^(- line \d+\n)+\n… and more: `npm run -s review` shows all of it\.$/);
    expect(cut(text, text.length)).toBe(text);
  });
});
