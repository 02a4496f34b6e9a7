/** Simulated payments as messages through a handler of their own before the first real one, so that it finds compiled code. */
import { createPanTokeniser } from '../access/pan-token.ts';
import { createMemoryOnlineStore } from '../adapters/memory/online-store.ts';
import { createMemoryWorld } from '../adapters/memory/shared-world.ts';
import { silentTelemetry } from '../adapters/memory/telemetry.ts';
import { PRIMITIVES } from '../adapters/system/byte-primitives.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createFeatureEngine, type FeatureSettings } from '../features/engine.ts';
import { createClaimCodec } from '../journal/claim-bytes.ts';
import { type StreamMessage } from '../ports/transaction-stream.ts';
import { simulationOf } from '../simulation/scale.ts';
import { createSimulation } from '../simulation/simulation.ts';
import { createFold } from '../usecases/fold.ts';
import { type Champion } from '../usecases/judge.ts';
import { restoreOnlineStore } from '../usecases/restore-online-store.ts';
import { createSharedScoring } from '../usecases/score-shared-transaction.ts';
import { createSharedProfiles } from '../usecases/shared-profiles.ts';
import { createDecisionEncoder } from '../wire/decision.ts';
import { createPaymentDecoder } from '../wire/payment.ts';
import { requestText } from '../wire/request-text.ts';
import { createPaymentHandler } from '../worker/payment-handler.ts';
import { hashText } from './inputs.ts';

/** See rehearsal.ts. */
const ROUNDS = 2;
const BATCHES = 8;
const BATCH = 200;
const USERS = 300;

/** Returns how many were decided; nothing of the real state is touched. */
export async function rehearseMessages(champion: Champion, settings: FeatureSettings): Promise<number> {
  const payments = createSimulation(simulationOf({ transactions: Infinity, users: USERS }));
  let sent = 0;
  const next = (): StreamMessage => ({
    partition: 0,
    offset: sent++,
    key: undefined,
    value: Buffer.from(requestText(payments.next().value!.transaction, { dated: false })), // without end
    timestampMs: 0,
    schemaVersion: '1',
  });
  let decided = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const handle = await createScratchHandler(champion, settings);
    for (let batch = 0; batch < BATCHES; batch++) {
      const { outcomes, committed } = await handle(Array.from({ length: BATCH }, next));
      await committed();
      decided += outcomes.filter((outcome) => outcome.kind === 'handled' && outcome.records.length > 0).length;
    }
  }
  return decided;
}

async function createScratchHandler(champion: Champion, settings: FeatureSettings) {
  const { store, state } = createMemoryOnlineStore(createMemoryWorld(systemClock.nowMs));
  const codec = createClaimCodec(PRIMITIVES);
  await restoreOnlineStore({ state, fold: createFold(createFeatureEngine(settings)), codec }, () => NOTHING);
  const scoring = createSharedScoring({
    store,
    profiles: createSharedProfiles({ store, state, codec, settings, replicaEntities: 10 * USERS }),
    journal: { append: () => Promise.resolve() },
    codec,
    champion: () => champion,
    championOf: () => Promise.resolve(champion),
    findDecision: () => Promise.resolve(undefined),
    bindLabels: () => Promise.resolve(),
    clock: systemClock,
    telemetry: silentTelemetry,
    newId: () => 'rehearsal',
    deadlineMs: Infinity,
  });
  return createPaymentHandler({
    scoring,
    decoder: createPaymentDecoder({ tokenise: createPanTokeniser(new Uint8Array(32), '1'), hash: hashText }),
    encode: createDecisionEncoder([champion.catalogue]),
    isAlert: () => true,
    confirmEpoch: () => Promise.resolve(),
    onUnconfirmed: () => undefined,
  });
}

const NOTHING: AsyncIterable<never> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};
