/** Every data set that is known: prepared, learnt from and measured through the command line, on rows of its shape. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createOfflineStore } from '../../../src/adapters/duckdb/offline-store.ts';
import { createTransactionSource } from '../../../src/adapters/duckdb/transaction-source.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { ATTRIBUTE_FEATURES } from '../../../src/datasets/mappings/ieee-columns.ts';
import { getMapping } from '../../../src/datasets/mappings.ts';
import { type LabelledTransaction } from '../../../src/domain/labelled-transaction.ts';
import { SENTINEL_CATALOGUE } from '../../../src/features/catalogue.ts';
import { decodeArtifact } from '../../../src/scoring/artifact.ts';
import { ran } from '../../support/command-lines.ts';
import { DATASET_FILES, IEEE_IDENTITY_HEADER, IEEE_TRANSACTION_HEADER } from '../../support/dataset-files.ts';
import { aDirectory } from '../../support/directories.ts';

const run = async (line: string) => {
  const { exitCode, out, err } = await ran(`${line} --json`, COMMANDS);
  return { exitCode, err, result: JSON.parse(out) as Readonly<Record<string, unknown>> };
};

/** Writes the files of the data set into a directory; their paths separated by blanks. */
function written(name: string, directory: string, change = (text: string) => text): string {
  const { files } = DATASET_FILES[name]!();
  return Object.entries(files)
    .map(([file, text]) => {
      writeFileSync(join(directory, file), change(text));
      return join(directory, file);
    })
    .join(' ');
}

async function prepared(name: string, directory: string, change?: (text: string) => string) {
  const line = `datasets prepare ${name} ${written(name, directory, change)} --data-dir ${directory}/data`;
  const { result } = await run(line);
  return { ...result, path: `${result['directory'] as string}/transactions.parquet` } as {
    readonly path: string;
    readonly manifest: { readonly cleaning: Readonly<Record<string, unknown>> };
    readonly error?: { readonly message: string };
  };
}

async function read(name: string, paths: readonly string[]): Promise<readonly LabelledTransaction[]> {
  const opened = await createTransactionSource().open(getMapping(name), paths);
  const rows: LabelledTransaction[] = [];
  try {
    for await (const batch of opened.read()) rows.push(...batch);
  } finally {
    opened.close();
  }
  return rows;
}

describe.each(Object.keys(DATASET_FILES))('%s', (name) => {
  it('is prepared, learnt from and measured', { timeout: 30_000 }, async () => {
    const directory = aDirectory();
    const { rows } = DATASET_FILES[name]!();
    const { path, manifest } = await prepared(name, directory);
    expect(manifest.cleaning).toMatchObject({ rowsRead: rows, rowsKept: rows, frauds: rows / 10, unlabelled: 0 });
    const train = `train --data ${path} --mapping ${name} --learners tree --replicates 0 --models-dir ${directory}/models`;
    expect(await run(train)).toMatchObject({ exitCode: 0, result: { promoted: true } });
    const evaluate = `evaluate --data ${path} --mapping ${name} --replicates 0 --models-dir ${directory}/models`;
    const { exitCode, result } = await run(evaluate);
    expect(exitCode).toBe(0);
    const { averagePrecision } = result['metrics'] as Readonly<Record<string, { readonly value: number }>>;
    expect(averagePrecision!.value).toBeGreaterThan(0.9);
  });

  it('reads the same payments from the prepared file as from those published', async () => {
    const directory = aDirectory();
    const { path } = await prepared(name, directory);
    const before = await read(name, written(name, directory).split(' '));
    expect(await read(name, [path])).toEqual(before);
    expect(new Set(before.map(({ transaction }) => transaction.transactionId)).size).toBe(before.length);
  });
});

describe('ieee-cis', () => {
  it('has the columns of the published headers, in their order', () => {
    const digest = (names: readonly string[]): string => createHash('sha256').update(names.join()).digest('hex');
    expect(digest(IEEE_TRANSACTION_HEADER)).toBe('f46902e99d6c3259223d8d873d61c0f9a39ad08c31634283f9352d644fe37371');
    expect(digest(IEEE_IDENTITY_HEADER)).toBe('d79330d5cb5e876481963c0d216b632c8f76a5a8e129d35aa5028017e10e07cf');
  });

  it('finds the identity of a payment whatever the order of the files, and counts identities of no payment', async () => {
    const directory = aDirectory();
    const paths = written('ieee-cis', directory).split(' ');
    const rows = await read('ieee-cis', paths);
    expect(await read('ieee-cis', paths.toReversed())).toEqual(rows);
    const [without, withIdentity] = [rows[0]!.transaction, rows[3]!.transaction];
    expect(without.deviceType).toBeUndefined();
    expect(without.attributes).not.toHaveProperty('id_01');
    expect(withIdentity).toMatchObject({ deviceType: 'desktop', attributes: { id_01: -5, DeviceInfo: 'SM-G930V Build/NRD90M' } }); // prettier-ignore
    const { manifest } = await prepared('ieee-cis', directory);
    expect(manifest.cleaning).toMatchObject({ repaired: { 'completion-unmatched': 1, 'amount-rounded': 1 } });
    const turned = `datasets prepare ieee-cis ${paths.toReversed().join(' ')} --data-dir ${directory}/data`;
    expect((await run(turned)).result).toMatchObject({ alreadyThere: true });
  });

  it('gathers the payments of a card’s owner by card, region and the day the card was first used', async () => {
    const rows = await read('ieee-cis', written('ieee-cis', aDirectory()).split(' '));
    const day = Date.UTC(2017, 10, 30) / 86_400_000;
    expect(rows[0]!.transaction).toMatchObject({ userId: `13000_315_${day}`, cardId: '13000___', merchantId: 'W' });
    expect(rows[1]!.transaction.userId).toBe(`13001_315_${day - 1}`);
    expect(rows[12]!.transaction.userId).toBe(rows[0]!.transaction.userId);
    expect(rows[0]!.transaction.eventTimeMs).toBe(Date.UTC(2017, 11, 1));
  });

  it('refuses a second identity of a payment, and a cell of it that does not parse, naming the line', async () => {
    const twice = await prepared('ieee-cis', aDirectory(), (text) => text.replace('\n1,', '\n2987003,'));
    expect(twice.error?.message).toMatch(/train_identity\.csv, line 152, column TransactionID/);
    const bad = await prepared('ieee-cis', aDirectory(), (text) => text.replace('2987007,-5', '2987007,few'));
    expect(bad.error?.message).toMatch(/train_identity\.csv, line 3, column id_01.*few/);
  });

  it('does without the identities', async () => {
    const directory = aDirectory();
    written('ieee-cis', directory);
    const rows = await read('ieee-cis', [join(directory, 'train_transaction.csv')]);
    expect(rows.filter(({ transaction }) => transaction.deviceType !== undefined)).toEqual([]);
  });
});

describe('generate ieee-cis', () => {
  it('makes two files that are prepared without a loss, the same from the same seed', async () => {
    const directory = aDirectory();
    const first = await run(`generate ieee-cis --rows 400 --seed 3 --out ${directory}/a`);
    expect(first).toMatchObject({ exitCode: 0, result: { rows: 400, seed: 3 } });
    const again = await run(`generate ieee-cis --rows 400 --seed 3 --out ${directory}/b`);
    const paths = first.result['paths'] as readonly string[];
    paths.forEach((path, i) =>
      expect(readFileSync(path)).toEqual(readFileSync((again.result['paths'] as readonly string[])[i]!)),
    );
    const { result } = await run(`datasets prepare ieee-cis ${paths.join(' ')} --data-dir ${directory}/data`);
    expect(result).toMatchObject({
      manifest: { cleaning: { rowsRead: 400, rowsKept: 400, frauds: first.result['frauds'], repaired: { unsorted: 0, 'completion-unmatched': 0 } } },
    }); // prettier-ignore
    const { out } = await ran(`generate ieee-cis --rows 50 --out ${directory}/c`, COMMANDS);
    expect(out).toMatch(/50 payments in [\s\S]*datasets prepare ieee-cis/);
  });
});

describe('the attributes a model is given', () => {
  it('leave out what is constant, nearly empty without a reason, or said already, and are kept in the artifact', async () => {
    const directory = aDirectory();
    const { path } = await prepared('ieee-cis', directory);
    const train = `train --data ${path} --mapping ieee-cis --learners symmetric --replicates 0 --models-dir ${directory}/models`;
    const { result } = await run(train);
    const { kept, leftOut } = result['attributes'] as { kept: number; leftOut: Readonly<Record<string, string[]>> };
    expect(leftOut['constant']).toEqual(expect.arrayContaining(['V1', 'V100', 'addr1', 'id_01']));
    expect(leftOut['correlated']).toEqual(expect.arrayContaining(['V3']));
    expect(kept).toBe(ATTRIBUTE_FEATURES.length - Object.values(leftOut).flat().length);
    const { out } = await ran(`models --json --models-dir ${directory}/models`, COMMANDS);
    const [{ version }] = JSON.parse(out) as [{ version: string }];
    const artifact = decodeArtifact(
      readFileSync(join(directory, 'models', version, 'artifact.json')),
      undefined,
      version,
    );
    const names = artifact.featureSettings.attributes!.map(({ name }) => name);
    expect(names).toEqual(artifact.catalogue.features.slice(SENTINEL_CATALOGUE.features.length));
    expect(names).toEqual(expect.arrayContaining(['card1', 'V2', 'V4', 'D1_first_day', 'email_domain_vendor']));
    expect(names).toHaveLength(kept);
    const explained = await run(
      `explain --id 2987013 --data ${path} --mapping ieee-cis --models-dir ${directory}/models`,
    );
    expect(explained.exitCode).toBe(0);
  });
});

describe('names of people', () => {
  it('never reach the prepared file or a payment; equal names stay equal', async () => {
    const directory = aDirectory();
    const { path } = await prepared('sparkov', directory);
    const cards = (await createOfflineStore().readColumns(path, ['cc_num']))[0]!.values as readonly string[];
    for (const name of ['first', 'last', 'street', 'dob']) {
      await expect(createOfflineStore().readColumns(path, [name])).rejects.toThrow('no column');
    }
    expect(cards.every((card) => /^card_[0-9a-f]{16}$/.test(card))).toBe(true);
    expect(new Set(cards).size).toBe(9);
    const [payment] = await read('sparkov', [path]);
    expect(payment!.transaction).toMatchObject({ merchantId: 'Rippin, Kub and Mann', latitude: 36, longitude: -82.04 });
    const [transfer] = await read('paysim', written('paysim', directory).split(' '));
    expect(transfer!.transaction.userId).toMatch(/^account_[0-9a-f]{16}$/);
    expect(transfer!.transaction.merchantId).toMatch(/^account_[0-9a-f]{16}$/);
  });

  it('PaySim: balances after the payment are no part of it', async () => {
    const rows = await read('paysim', written('paysim', aDirectory()).split(' '));
    for (const { transaction } of rows) {
      expect(Object.keys(transaction.attributes ?? {}).toSorted()).toEqual(['oldbalanceDest', 'oldbalanceOrg']);
    }
  });
});

describe('texts between single quotes and rows without an id', () => {
  it('BankSim: quotes are no part of the text', async () => {
    const [first] = await read('banksim', written('banksim', aDirectory()).split(' '));
    expect(first!.transaction).toMatchObject({ userId: 'C0', merchantId: 'M0', merchantCategory: 'es_health' });
    expect(first!.transaction.attributes).toMatchObject({ age: '4', zipcodeOri: '28007' });
  });

  it('ULB: a row that repeats another in every column is dropped and counted', async () => {
    const repeated = (text: string): string => text + text.split('\n')[7]! + '\n';
    const { manifest } = await prepared('ulb', aDirectory(), repeated);
    expect(manifest.cleaning).toMatchObject({ rowsRead: 601, rowsKept: 600, dropped: { 'exact-duplicate': 1 } });
  });
});
