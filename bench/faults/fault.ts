/** What a kind of fault is, and what it is given to break. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random } from '../../src/stats/random.ts';
import { type FakeClock } from './fake-clock.ts';
import { type Fleet } from './fleet.ts';
import { type Lines } from './lines.ts';
import { type Member } from './member.ts';
import { type OwnServers } from '../own-servers.ts';
import { type TopicMessage } from './topic-client.ts';
import { type KnownPayment } from './poison.ts';

export interface FaultWorld {
  readonly fleet: Fleet;
  readonly servers: OwnServers;
  readonly lines: Lines;
  /** Absent where libfaketime is not installed. */
  readonly clock: FakeClock | undefined;
  /** Puts a message into its topic. */
  readonly send: (message: TopicMessage) => void;
  /** A payment that was answered. */
  readonly knownPayment: () => KnownPayment;
  readonly random: Random;
}

export interface FaultKind {
  /** As in the report and, with hyphens, the option that says how many. */
  readonly name: string;
  readonly sentence: string;
  /** In a full run. */
  readonly usual: number;
  /** `workers` are broken beside everything else. */
  readonly lane: 'workers' | 'rest';
  /** Breaks it and mends it; `nth` counts from 0. */
  strike(world: FaultWorld, nth: number): Promise<void>;
}

/** A process is given so long to be back at work before it is broken again. */
const READY_MS = 60_000;

/** One of them at random, at work if it comes to that in time. */
export async function pickMember(members: readonly Member[], random: Random): Promise<Member> {
  const member = members[random.integer(members.length)]!;
  await member.ready(READY_MS);
  return member;
}

/** Waits up to so long. */
export const pauseUpTo = (ms: number, random: Random): Promise<void> => sleep(random.next() * ms);
