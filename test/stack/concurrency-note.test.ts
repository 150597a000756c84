import { concurrencyNote } from '../../lib/functions/concurrency-note.ts';
import { stageConfig } from '../../lib/config/stage-config.ts';

const noteOf = (settings: Readonly<Record<string, number>>): string =>
  concurrencyNote(stageConfig('dev', { dev: settings }));

it('whoever deploys is told what the account must have', () => {
  expect(noteOf({ reservedConcurrency: 50, streamConcurrency: 500 })).toMatch(
    /reserves 750 of .* unless the account has 850 .* set reservedConcurrency to 0/,
  );
  expect(noteOf({ streamConcurrency: 500 })).toMatch(
    /reserves 500 of .* has 600 .* leave streamConcurrency out/,
  );
});

it('the way back of the sign-in counts where the stack has one', () => {
  const noteOfStage = (own: object): string =>
    concurrencyNote(stageConfig('production', { production: own }));
  const domain = {
    domain: 'board.example.com',
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d',
  };

  expect(noteOfStage({})).toMatch(/reserves 300 of .* has 400 /);
  expect(noteOfStage(domain)).toMatch(/reserves 250 of .* has 350 /);
});

it('whoever keeps nothing is told what that means', () => {
  expect(noteOf({})).toMatch(
    /^The stage reserves no concurrency: .*API and fan-out stop.*reservedConcurrency/,
  );
});
