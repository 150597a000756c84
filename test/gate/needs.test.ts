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

  it('are left in in CI, and no other test is kept from being run', () => {
    expect(leaveOut([met, unmet], true)).toEqual({
      leftOut: [],
      notes: ['test/unmet cannot pass: install it'],
    });
  });
});
