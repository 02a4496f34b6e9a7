/** What must hold after any fault: whatever was answered is answered again just so, once, and can be proved. */
import { expect } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { ran } from '../../support/command-lines.ts';
import { aClient, aPayment } from '../../support/services.ts';
import { type Answered, each } from './service-process.ts';

/** The payment under an id that ends in `-<number>`. */
export function bodyOf(id: string): object {
  const number = Number(id.split('-')[1]);
  const { transaction_id: _, ...payment } = aPayment({
    user_id: `user_${number % 40}`,
    card_id: `card_${number % 60}`,
    merchant_id: `merchant_${number % 11}`,
    amount: 1 + (number % 500),
  });
  return payment;
}

/** Explanations asked for at most: each gathers the payments behind every number, some milliseconds. */
const EXPLAINED = 100;

/** What was answered can be read as it was told; of many, some from all over. */
export async function expectReadable(url: string, answered: ReadonlyMap<string, Answered>): Promise<void> {
  const client = aClient(url);
  const step = Math.ceil(answered.size / EXPLAINED);
  const some = [...answered].filter((_, index) => index % step === 0);
  await each(some, async ([id, { answer }]) => {
    const { cached: _, ...told } = answer;
    expect((await client.get(`/api/v1/decisions/${id}`)).body).toMatchObject(told);
  });
}

/** Everything answered is there, once: the decision as it was told, and the repeat as a repeat. */
export async function expectRemembered(url: string, answered: ReadonlyMap<string, Answered>): Promise<void> {
  await expectReadable(url, answered);
  const client = aClient(url);
  await each(answered.values(), async ({ request, answer }) => {
    const repeat = await client.post('/api/v1/predict', JSON.parse(request));
    expect(repeat.body).toEqual({ ...answer, cached: true });
  });
}

/** `sentinel verify` makes every decision again with the same bits, at least so many of them. */
export async function expectProved(dataDir: string, modelsDir: string, atLeast: number): Promise<void> {
  const { out, exitCode } = await ran(`verify --data-dir ${dataDir} --models-dir ${modelsDir} --json`, COMMANDS);
  const proof = JSON.parse(out) as { decisions: number };
  expect(proof).toMatchObject({ problems: 0, differences: [], storageProblems: [] });
  expect(proof.decisions).toBeGreaterThanOrEqual(atLeast);
  expect(exitCode).toBe(0);
}
