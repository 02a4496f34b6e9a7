/** A process that scores payments over a shared store without end and tells each answer; made to be killed. */
import { createFileModelRegistry } from '../../../src/adapters/registry-files/model-registry.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { createFeatureEngine } from '../../../src/features/engine.ts';
import { championOf, loadArtifact, policyOf } from '../../../src/usecases/load-champion.ts';
import { openJournalFile } from '../../support/journal-files.ts';
import { sha256 } from '../../support/policies.ts';
import { openStore } from '../../support/redis-worlds.ts';
import { createInstance } from '../../support/shared-instances.ts';
import { aTransaction } from '../../support/transactions.ts';

const [url, name, models, version, file, run] = process.argv.slice(2) as [string, string, string, string, string, string]; // prettier-ignore
/** Payments under way at once. */
const AT_ONCE = 12;

const artifact = await loadArtifact(createFileModelRegistry(models, systemClock), version);
const settings = artifact.featureSettings;
const champion = championOf(artifact, policyOf(artifact, sha256), createFeatureEngine(settings).catalogue);
const { scoring } = createInstance(await openStore(url, name), { champion, settings, journal: openJournalFile(file) });

let next = 0;
async function scoreWithoutEnd(): Promise<void> {
  for (;;) {
    const i = next++;
    const { eventTimeMs: _, ...transaction } = aTransaction({
      transactionId: `${run}-${i}`,
      userId: `u${i % 5}`,
      merchantId: `m${i % 3}`,
      amountMinor: 100 + ((i * 7_919) % (i % 11 === 0 ? 900_000 : 9_000)),
      ...(i % 2 === 0 && { cardId: `c${i % 5}`, deviceId: `d${i % 4}` }),
    });
    const { decision } = await scoring.score({ transaction, requestHash: 'a'.repeat(32) });
    process.stdout.write(`${decision.seq} ${run}-${i}\n`);
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, scoreWithoutEnd));
