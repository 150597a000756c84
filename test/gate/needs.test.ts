import { leaveOut } from '../needs.ts';

describe('tests that need what the machine may lack', () => {
  const met = { tests: 'test/met', isMet: true, advice: 'nothing' };
  const unmet = { tests: 'test/unmet', isMet: false, advice: 'install it' };

  it('are left out with a line that says what to do', () => {
    expect(leaveOut([met, unmet], false)).toEqual({
      leftOut: ['test/unmet'],
      notes: ['test/unmet is left out: install it'],
    });
  });

  it('run in CI, and fail there, and every other test runs too', () => {
    expect(leaveOut([met, unmet], true)).toEqual({
      leftOut: [],
      notes: ['test/unmet cannot pass: install it'],
    });
  });
});
