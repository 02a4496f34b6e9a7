/** What a load test refuses before it makes a payment. */
import { expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { ran } from '../../support/command-lines.ts';

it.each([
  ['--service-url nonsense', '--service-url: expected http(s) address without credentials, got "nonsense"'],
  ['--service-url http://127.0.0.1:9/api', 'sends to an address without a path, not http://127.0.0.1:9/api'],
  ['--service-url https://127.0.0.1:9', 'speaks plain HTTP, not https://127.0.0.1:9'],
  ['--users 20000000000', '--users: expected a whole number from 1 to 20000000'],
])('load %s is refused', async (words, problem) => {
  const { exitCode, err } = await ran(`load --seconds 0.1 --rate 1 ${words}`, COMMANDS);
  expect(err).toContain(problem);
  expect(exitCode).toBe(2);
});
