import { reviewSheet } from './review-sheet.ts';
import { stageTemplate } from './synthesized.ts';

/** A changed sheet is a changed promise: look at each line, then write it with `npm test -- test/stack/review-sheet -u`. */
it.each(['dev', 'staging', 'production'] as const)(
  'the review sheet of %s is the reviewed one',
  async (stage) => {
    expect(`\n${reviewSheet(await stageTemplate(stage))}`).toMatchSnapshot();
  },
);
