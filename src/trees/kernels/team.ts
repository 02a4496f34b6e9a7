/** How the threads of a team wait for work and for each other. */
import { ARRIVED, ASLEEP, CALL, FAILED, OPENED, WAITING } from '../job.ts';

/** This thread's number, the main thread's is 0, and how many threads take part in the present job. */
export let thread: i32 = 0;
export let threads: i32 = 1;

/** Looks at a word before going to sleep: tens of microseconds, longer than most waits between the steps of a split. */
const SPINS: i32 = 30_000;
/** How long to sleep before looking whether another thread has failed, nanoseconds. */
const SLEEP_NS: i64 = 100_000_000;
/** Low byte of `CALL`. */
const COUNT_MASK: i32 = 0xff;

/** Takes the next number; called once by each worker. */
export function arrive(): void {
  thread = atomic.add<i32>(ARRIVED, 1) + 1;
}

export function join(count: i32): void {
  threads = count;
}

/** Waits for a call other than `seen` and returns it. */
export function nextCall(seen: i32): i32 {
  for (let spin = 0; spin < SPINS; spin++) {
    const call = atomic.load<i32>(CALL);
    if (call != seen) return call;
  }
  while (atomic.load<i32>(CALL) == seen) atomic.wait<i32>(CALL, seen, -1);
  return atomic.load<i32>(CALL);
}

export function takesPart(call: i32): bool {
  return thread < (call & COUNT_MASK);
}

export function teamOf(call: i32): i32 {
  return call & COUNT_MASK;
}

/** Returns once all threads of the team have come here; what they wrote before is then visible to all. */
export function barrier(): void {
  if (threads == 1) return;
  const opened = atomic.load<i32>(OPENED);
  if (atomic.add<i32>(WAITING, 1) == threads - 1) {
    atomic.store<i32>(WAITING, 0);
    atomic.store<i32>(OPENED, opened + 1);
    // Whoever fell asleep counted itself first, or will find that the barrier has opened.
    if (atomic.load<i32>(ASLEEP) > 0) atomic.notify(OPENED, -1);
    return;
  }
  for (let spin = 0; spin < SPINS; spin++) {
    if (atomic.load<i32>(OPENED) != opened) return;
  }
  atomic.add<i32>(ASLEEP, 1);
  while (atomic.load<i32>(OPENED) == opened) {
    atomic.wait<i32>(OPENED, opened, SLEEP_NS);
    if (atomic.load<i32>(FAILED) != 0) unreachable();
  }
  atomic.sub<i32>(ASLEEP, 1);
}

/** Where this thread's share of `count` items begins; the share ends where the next thread's begins. */
export function shareBegin(count: u32): u32 {
  return <u32>((<u64>count * thread) / threads);
}

export function shareEnd(count: u32): u32 {
  return <u32>((<u64>count * (thread + 1)) / threads);
}
