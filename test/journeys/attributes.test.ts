/** A model that learned from attributes serves payments that carry them, and the journal proves every bit. */
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { openPglite } from '../../src/adapters/postgres/open-pglite.ts';
import { openSegmentJournal } from '../../src/adapters/segments/journal.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { inForm } from '../../src/domain/attribute-feature.ts';
import { attributeWriter } from '../../src/features/attributes.ts';
import { SENTINEL_CATALOGUE } from '../../src/features/catalogue.ts';
import { ran } from '../support/command-lines.ts';
import { keptDirectory } from '../support/directories.ts';
import { recordsOf } from '../support/journals.ts';
import { aConfig, aPayment, trainQuickModel, withService } from '../support/services.ts';

const ATTRIBUTES = [
  ...inForm('number', ['V1', 'V2']),
  ...inForm('category', ['card6', 'email_domain']),
  ...inForm('first_day', ['D1']),
  ...inForm('device_vendor', ['DeviceInfo']),
];

it('online as offline, bit for bit', { timeout: 60_000 }, async () => {
  const directory = keptDirectory();
  const modelsDir = join(directory, 'models');
  await trainQuickModel(modelsDir, { attributes: ATTRIBUTES });
  await withService(aConfig(directory, modelsDir), async (client) => {
    for (let index = 0; index < 12; index++) {
      const wide = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`V${i + 3}`, i / 7]));
      const attributes = { V1: 0.1 * index, ...(index % 2 === 0 && { V2: true }), card6: 'Debit', D1: index, DeviceInfo: 'SM-G930V', ...wide }; // prettier-ignore
      const payment = aPayment({ transaction_id: `t${index}`, email_domain: 'gmail.com', attributes });
      expect((await client.post('/api/v1/predict', payment)).status).toBe(200);
    }
    const info = await client.get('/api/v1/model/info');
    expect(info.body['features']).toEqual(expect.arrayContaining(['V1', 'email_domain', 'D1_first_day', 'DeviceInfo_vendor'])); // prettier-ignore
  });

  const dataDir = join(directory, 'data');
  const { out, exitCode } = await ran(`verify --data-dir ${dataDir} --models-dir ${modelsDir} --json`, COMMANDS);
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ problems: 0, decisions: 12, differences: [] });

  const journal = await openSegmentJournal({ directory: join(dataDir, 'journal'), segmentBytes: 2 ** 20 });
  const write = attributeWriter(ATTRIBUTES);
  const offline = new Float64Array(ATTRIBUTES.length);
  let compared = 0;
  for (const record of await recordsOf(journal)) {
    if (record.type !== 'decision') continue;
    write(record.transaction, record.transaction.eventTimeMs, offline, 0);
    expect(record.vector!.slice(SENTINEL_CATALOGUE.features.length)).toEqual(offline);
    expect(offline[0]).toBe(0.1 * compared++);
  }
  await journal.close();

  expect((await ran(`ledger rebuild --data-dir ${dataDir} --models-dir ${modelsDir}`, COMMANDS)).exitCode).toBe(0);
  const ledger = await openPglite(join(dataDir, 'ledger', 'pgdata'));
  const { rows } = await sql<{ names: string[] }>`
    select names from feature_catalogues where hash in (select catalogue from transactions)`.execute(ledger);
  expect(rows.map(({ names }) => names.slice(SENTINEL_CATALOGUE.features.length))).toEqual([
    ATTRIBUTES.map(({ name }) => name),
  ]);
  await ledger.destroy();
  expect(compared).toBe(12);
});
