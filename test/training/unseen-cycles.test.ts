import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/domain/time.ts';
import { unseenCycles } from '../../src/training/unseen-cycles.ts';
import { aTrainedEnsemble, quickOptions } from '../support/trained-ensembles.ts';
import { aTrainingTable } from '../support/training-tables.ts';
import { trainEnsemble } from '../../src/training/pipeline.ts';

const cycles = (...days: readonly (number | undefined)[]): (number | undefined)[] =>
  days.map((count) => (count === undefined ? undefined : count * DAY_MS));

describe('unseenCycles', () => {
  it('names the columns that do not come round twice in the time of the table', () => {
    const table = { ...aTrainingTable({ days: 20 }), cyclesMs: cycles(undefined, 7, 31, 10.5) };
    expect(unseenCycles(table)).toEqual([table.names[2], table.names[3]]);
  });

  it('names nothing of a table that does not speak of cycles', () => {
    expect(unseenCycles(aTrainingTable({ days: 1 }))).toEqual([]);
  });
});

describe('trainEnsemble', () => {
  // The first column tells nearly all: a model that may use it says so.
  const table = aTrainingTable();

  it('learns nothing from a column of the calendar that its time was too short for, whatever the learner', () => {
    const trained = trainEnsemble({ ...table, cyclesMs: cycles(40) }, quickOptions());
    expect(trained.leftOut).toEqual([table.names[0]]);
    for (const { model } of trained.candidates) {
      const [low, high] = [-3, 3].map((value) => model.margin(Float64Array.of(value, 0.5, 0.1, 2)));
      expect(low).toBe(high);
    }
  });

  it('uses the column where there was time enough', () => {
    const trained = aTrainedEnsemble({ ...table, cyclesMs: cycles(7) });
    expect(trained.leftOut).toEqual([]);
    const [low, high] = [-3, 3].map((value) => trained.champion.model.margin(Float64Array.of(value, 0.5, 0.1, 2)));
    expect(low).toBeLessThan(high!);
  });
});
