/** Stores that instances share, made ready for a test, and what is told to them. */
import { putSharedPayment, SHARED_PAYMENT_BYTES } from '../../src/features/entity-event.ts';
import { NOTHING_KNOWN } from '../../src/features/entity-history.ts';
import { entityKey, type EntityPart } from '../../src/features/replica.ts';
import { type ClaimOutcome, type OnlineStore, type PaymentClaim } from '../../src/ports/online-store.ts';
import { type SharedState } from '../../src/ports/shared-state.ts';

export interface StoreInstance {
  readonly store: OnlineStore;
  readonly state: SharedState;
  close(): Promise<void>;
}

/** Instances of one store that nobody else uses; it must be restored first. */
export type StoreWorld = () => Promise<{ instance(): Promise<StoreInstance>; end(): Promise<void> }>;

export const HASH = '0123456789abcdef0123456789abcdef';
export const EVENT = new Uint8Array(SHARED_PAYMENT_BYTES);
putSharedPayment(new DataView(EVENT.buffer), 0, 1_000, 250, 7);
export const EVENT_BYTES = EVENT.length + 12;

export const aPart = (id = 'm1', knownTo = NOTHING_KNOWN): EntityPart => ({
  kind: 'merchant',
  key: entityKey('merchant', id),
  knownTo,
  event: EVENT,
});

export function aClaim(transactionId: string, overrides: Partial<PaymentClaim> = {}): PaymentClaim {
  const request = new TextEncoder().encode(`request of ${transactionId}`);
  return { transactionId, requestHash: HASH, earliestArrivalMs: 0, request, parts: [aPart()], ...overrides };
}

export function asClaimed(outcome: ClaimOutcome): Extract<ClaimOutcome, { status: 'claimed' }> {
  if (outcome.status !== 'claimed') throw new Error(`claimed expected, not ${outcome.status}`);
  return outcome;
}

export const ANSWER = new Uint8Array([8, 0, 0, 0, 1, 2, 3, 255]);

/** The smallest bytes that pass for a frame: its length first. */
export const aFrame = (text: string): Uint8Array => {
  const body = new TextEncoder().encode(text);
  const frame = new Uint8Array(Math.ceil((4 + body.length) / 8) * 8);
  new DataView(frame.buffer).setUint32(0, frame.length, true);
  frame.set(body, 4);
  return frame;
};

/** Two instances of a new store that was opened empty, and their end. */
export async function openTwo(
  openWorld: StoreWorld,
): Promise<{ readonly one: StoreInstance; readonly two: StoreInstance; close(): Promise<void> }> {
  const world = await openWorld();
  const one = await world.instance();
  await (await one.state.restore()).open({ seq: 0, arrivalMs: 0 }, 0);
  const two = await world.instance();
  return {
    one,
    two,
    async close() {
      await one.close();
      await two.close();
      await world.end();
    },
  };
}
