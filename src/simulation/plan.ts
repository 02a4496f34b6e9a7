/** What every campaign is planned with: its frame, its victims, its moments and the strangers behind it. */
import { type Random } from '../stats/random.ts';
import { type Draft, type World } from './draft.ts';
import { ipText, opaqueId } from './population.ts';
import { EMAIL_DOMAINS } from './vocabulary.ts';

/** The payments of one campaign: their times, and each one made when its time has come. */
export interface PlannedPayments {
  /** In order, none before the campaign’s start. */
  readonly timesMs: readonly number[];
  /** Called with the times in order; earlier ones may be left out. */
  draftAt(atMs: number): Draft;
}

/** One campaign, drawn from the campaign table. */
export interface CampaignFrame {
  readonly startMs: number;
  readonly lengthMs: number;
  /** Payments. */
  readonly size: number;
}

export type Plan = (world: World, random: Random, frame: CampaignFrame) => PlannedPayments;

/** `count` ordered moments: the first at the start, the others anywhere in the length; whole milliseconds. */
export function timesWithin(startMs: number, lengthMs: number, count: number, random: Random): readonly number[] {
  const offsets = Array.from({ length: count }, (_, index) => (index === 0 ? 0 : random.next() * lengthMs));
  return offsets.sort((a, b) => a - b).map((offset) => Math.floor(startMs + offset));
}

/** Somebody who pays often: the more active, the likelier. */
export function victim(world: World, atMs: number, random: Random): number {
  const { population } = world;
  const first = random.integer(population.size);
  const second = random.integer(population.size);
  return population.eagerness(first, atMs) >= population.eagerness(second, atMs) ? first : second;
}

const DESKTOP_SHARE = 0.35;
const WORD_BITS = 2 ** 32;

/** The means of someone who is not the customer: an own device and address, alike to look at. */
export function strangerOnline(random: Random): NonNullable<Draft['online']> {
  return {
    device: {
      id: opaqueId('d', random.integer(WORD_BITS), random.integer(WORD_BITS)),
      type: random.next() < DESKTOP_SHARE ? 'desktop' : 'mobile',
    },
    ip: ipText(random.integer(WORD_BITS)),
    emailDomain: EMAIL_DOMAINS[random.integer(EMAIL_DOMAINS.length)]!,
  };
}
