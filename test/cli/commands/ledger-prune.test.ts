import { expect, it } from 'vitest';
import { command } from '../../../src/cli/commands/ledger-prune.ts';

const NOTHING = { before: '2020-05-01T00:00:00.000Z', partitions: [], payments: 0, labels: 0, journalHead: 7 };

it('says that the journal still holds what was dropped, and not of nothing', () => {
  expect(command.render(NOTHING)).toBe(
    '0 partitions dropped, 0 payments and 0 labels from before 2020-05-01T00:00:00.000Z',
  );
  expect(command.render({ ...NOTHING, payments: 1 })).toContain('The journal still holds them, up to record 7');
});
