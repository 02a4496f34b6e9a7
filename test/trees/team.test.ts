/** Teams: alone where there can be no threads, and on memory that others have used before. */
import { afterEach, expect, it, vi } from 'vitest';
import { boost, boostOn, openBoostingTeam } from '../../src/trees/boost.ts';
import { boostingParameters } from '../../src/trees/params.ts';
import { aLabelledTable } from '../support/labelled-rows.ts';
import { full } from '../support/tree-kernels.ts';

const table = aLabelledTable({ rows: 6_000 });
const parameters = boostingParameters({ rounds: 4, maximumDepth: 5 });
const alone = boost(table, parameters, 1, undefined, 1);

afterEach(() => {
  vi.doUnmock('node:worker_threads');
  vi.resetModules();
});

it('trains the same trees where threads are not allowed', async () => {
  vi.resetModules();
  vi.doMock('node:worker_threads', () => ({
    Worker: function Worker() {
      throw new Error('Access to this API has been restricted'); // as Node says under --permission
    },
  }));
  const engine = await import('../../src/trees/boost.ts');
  const team = engine.openBoostingTeam(6_000, 4, parameters, 4);
  expect(team.mostThreads).toBe(1);
  expect(engine.boostOn(team, table, parameters, 1)).toEqual(alone);
});

it('takes no part of what an earlier fit has left in its memory', async () => {
  const team = await full(openBoostingTeam(6_000, 4, parameters, 2));
  boostOn(team, aLabelledTable({ rows: 6_000, seed: 9, missing: 0.3 }), parameters, 1);
  team.close();
  const next = await full(openBoostingTeam(6_000, 4, parameters, 2));
  expect(next.arena.bytes(0, 1).buffer).toBe(team.arena.bytes(0, 1).buffer);
  expect(boostOn(next, table, parameters, 1)).toEqual(alone);
  next.close();
});

it('uses no more threads than it was opened for, though more are there', async () => {
  const wide = await full(openBoostingTeam(6_000, 4, parameters, 3));
  wide.close();
  const narrow = openBoostingTeam(6_000, 4, parameters, 2);
  expect(narrow.threads()).toBe(2);
  expect(boostOn(narrow, table, parameters, 1)).toEqual(alone);
  narrow.close();
});

it('says so when a table is larger than the memory', () => {
  const team = openBoostingTeam(6_000, 4, parameters, 1);
  const larger = aLabelledTable({ rows: 6_000, features: 300 });
  expect(() => boostOn(team, larger, parameters, 1)).toThrow('more than 4 GiB');
  team.close();
});
