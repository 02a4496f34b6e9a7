/** Moves a journal from one place to another, bit for bit, and proves it before it says so. */
import { SentinelError } from '../domain/errors.ts';
import { surveyFrames } from '../journal/frame.ts';
import { type FrameSink, type JournalFrames, type JournalTarget } from '../ports/journal-copy.ts';
import { createSurveyor, type Digest, framesWithin, type JournalSurvey } from './survey-frames.ts';

export interface MoveDeps {
  readonly createDigest: () => Digest;
  /** Hears how many records have been written. */
  readonly onRecords?: (records: number) => void;
  readonly signal?: AbortSignal;
}

export interface MovedJournal extends JournalSurvey {
  /** How many of the records were written now; the others were there. */
  readonly written: number;
}

/**
 * Writes to `target` what it lacks of `source`, then reads it again and compares count, first and last seq and the
 * digest of all frames. Interrupted, it may be called again. What is in the target already must be the same records:
 * rejects USAGE, with nothing written, when it is not; JOURNAL_CORRUPT when either is damaged.
 */
export async function moveJournal(source: JournalFrames, target: JournalTarget, deps: MoveDeps): Promise<MovedJournal> {
  const wanted = await survey(source, deps, 0, Infinity);
  const there = await survey(target, deps, 0, Infinity);
  if (wanted.records === 0) {
    if (there.records === 0) return { ...wanted, written: 0 };
    throw refusal(target, 'it holds records, and there is nothing to bring');
  }
  await refuseOther(source, target, { wanted, there }, deps);
  const from = there.records === 0 ? wanted.firstSeq : there.lastSeq + 1;
  if (from <= wanted.lastSeq) await append(source, await target.open(from), [from, wanted.lastSeq], deps);
  const moved = await survey(target, deps, wanted.firstSeq, wanted.lastSeq);
  if (moved.records !== wanted.records || moved.sha256 !== wanted.sha256) {
    const problem = `${moved.records} records with digest ${moved.sha256} after the move, expected ${wanted.records} with ${wanted.sha256}`;
    throw new SentinelError('JOURNAL_CORRUPT', { place: target.name, problem });
  }
  return { ...wanted, written: Math.max(0, wanted.lastSeq - from + 1) };
}

async function survey(
  journal: JournalFrames,
  { createDigest, signal }: MoveDeps,
  fromSeq: number,
  throughSeq: number,
): Promise<JournalSurvey> {
  const surveyor = createSurveyor(createDigest());
  for await (const frames of journal.frames()) {
    signal?.throwIfAborted();
    surveyor.add(framesWithin(frames, fromSeq, throughSeq));
  }
  return surveyor.read();
}

/** A target may begin earlier, where the source has lost its beginning, but what both hold must be the same. */
async function refuseOther(
  source: JournalFrames,
  target: JournalTarget,
  { wanted, there }: { readonly wanted: JournalSurvey; readonly there: JournalSurvey },
  deps: MoveDeps,
): Promise<void> {
  if (there.records === 0) return;
  const { firstSeq, lastSeq } = there;
  if (firstSeq > wanted.firstSeq || lastSeq < wanted.firstSeq - 1 || lastSeq > wanted.lastSeq) {
    throw refusal(target, `it holds seq ${firstSeq} to ${lastSeq}, and seq ${wanted.firstSeq} to ${wanted.lastSeq} cannot be put behind`);
  }
  const common = [wanted.firstSeq, lastSeq] as const;
  const [ours, theirs] = [await survey(source, deps, ...common), await survey(target, deps, ...common)];
  if (ours.sha256 !== theirs.sha256) throw refusal(target, `its records up to seq ${lastSeq} are not the same`);
} // prettier-ignore

async function append(
  source: JournalFrames,
  sink: FrameSink,
  [fromSeq, throughSeq]: readonly [number, number],
  { onRecords, signal }: MoveDeps,
): Promise<void> {
  let reached = fromSeq - 1;
  try {
    for await (const all of source.frames()) {
      signal?.throwIfAborted();
      const frames = framesWithin(all, reached + 1, throughSeq);
      if (frames.length === 0) continue;
      await sink.write(frames);
      reached = surveyFrames(frames).lastSeq;
      onRecords?.(reached - fromSeq + 1);
      if (reached === throughSeq) return;
    }
  } finally {
    await sink.close();
  }
}

function refusal({ name }: JournalTarget, reason: string): SentinelError {
  return new SentinelError('USAGE', {
    problem: `${name} holds something else: ${reason}; name a place that is empty, or holds its beginning`,
  });
}
