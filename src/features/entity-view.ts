/** What one entity's profile says at one moment: payments and amounts by window, first and last seen, labels known. */
import { DAY_MS, HOUR_MS } from '../domain/time.ts';
import { amountMinorOf, createLabelCursor, eventMsOf, fraudsBefore, isFraudAt, knownBy, type LabelCursor, labelsBefore, openLabels } from './label-history.ts'; // prettier-ignore
import * as profile from './profile.ts';
import { type Cursor, type ProfileLayout } from './profile.ts';
import { type Slab } from './slab.ts';

export interface Window {
  readonly ms: number;
  /** As in feature names: `24h`. */
  readonly suffix: string;
  /** As in sentences: `the last 24 hours`. */
  readonly words: string;
}

/** Windows of payments and amounts, shortest first. */
export const WINDOWS = [
  { ms: HOUR_MS, suffix: '1h', words: 'the last hour' },
  { ms: 6 * HOUR_MS, suffix: '6h', words: 'the last 6 hours' },
  { ms: DAY_MS, suffix: '24h', words: 'the last 24 hours' },
  { ms: 7 * DAY_MS, suffix: '7d', words: 'the last 7 days' },
  { ms: 30 * DAY_MS, suffix: '30d', words: 'the last 30 days' },
] as const satisfies readonly Window[];
const WINDOW_MS = Float64Array.from(WINDOWS, ({ ms }) => ms);
export const [HOUR, SIX_HOURS, DAY, WEEK, MONTH] = [0, 1, 2, 3, 4] as const;

/** A moment, and where each of WINDOWS begins at it: entries later than the bound lie in it, in profiles exact and in tiles. */
export interface WindowBounds {
  timeMs: number;
  readonly exact: Float64Array;
  readonly tiled: Float64Array;
  /** The narrowest tile the moment lies in: while it lasts, no tiled bound moves. */
  tile: number;
}

export function createWindowBounds(): WindowBounds {
  return { timeMs: NaN, exact: new Float64Array(WINDOWS.length), tiled: new Float64Array(WINDOWS.length), tile: NaN };
}

export function setWindowBounds(bounds: WindowBounds, timeMs: number): void {
  bounds.timeMs = timeMs;
  for (let w = 0; w < WINDOWS.length; w++) bounds.exact[w] = timeMs - WINDOW_MS[w]!;
  const tile = Math.floor(timeMs / profile.FINE_TILE_MS);
  if (tile === bounds.tile) return;
  bounds.tile = tile;
  for (let w = 0; w < WINDOWS.length; w++) bounds.tiled[w] = profile.tiledBound(bounds.exact[w]!, WINDOW_MS[w]!);
}

/** Entries looked at one by one before a window's start is searched for by halving. */
const STEPS_BACK = 6;

/** Windows of labels that became known, shortest first. */
export const LABEL_WINDOWS = [
  { ms: DAY_MS, suffix: '1d', words: 'the last day' },
  { ms: 7 * DAY_MS, suffix: '7d', words: 'the last 7 days' },
  { ms: 14 * DAY_MS, suffix: '14d', words: 'the last 14 days' },
  { ms: 30 * DAY_MS, suffix: '30d', words: 'the last 30 days' },
] as const satisfies readonly Window[];
const LABEL_WINDOW_MS = Float64Array.from(LABEL_WINDOWS, ({ ms }) => ms);
const LONGEST_LABEL_WINDOW_MS = LABEL_WINDOWS[3].ms;

/** Labels looked back at for runs and ages: the cost of an entity with thousands stays bounded. */
export const RUN_LIMIT = 64;

export interface EntityView {
  /** Whether the payment names such an entity. */
  present: boolean;
  readonly key: Uint32Array;
  readonly cursor: Cursor;
  readonly labels: LabelCursor;
  /** The first entry later than the moment of reading. */
  end: number;
  /** Per window of WINDOWS: its first entry, payments in it, minor units in it. */
  readonly from: Int32Array;
  readonly payments: Float64Array;
  readonly amounts: Float64Array;
  /** Time of the first and of the latest payment ever, up to the moment; NaN when there is none. */
  firstMs: number;
  lastMs: number;
  /** Payments ever, up to the moment. */
  paymentsEver: number;
  /** Per window of LABEL_WINDOWS: payments that became known in it, and frauds among them. */
  readonly known: Float64Array;
  readonly frauds: Float64Array;
  /** Payments known over the entity's whole life, and frauds among them. */
  knownEver: number;
  fraudsEver: number;
  /** Event times of the newest payment known as fraud, and as genuine, within the longest window; NaN when none. */
  lastFraudMs: number;
  lastGenuineMs: number;
  /** Known frauds newer than the newest payment known as genuine, at most RUN_LIMIT. */
  fraudRun: number;
  /** Event time of the oldest of them, and the smallest of their amounts in minor units; NaN when there is none. */
  fraudRunFromMs: number;
  fraudRunLeastMinor: number;
}

/** `payments`, when given, is where the view is to keep its payments by window. */
export function createEntityView(layout: ProfileLayout, payments = new Float64Array(WINDOWS.length)): EntityView {
  return {
    present: false,
    key: new Uint32Array(4),
    cursor: profile.createCursor(layout),
    labels: createLabelCursor(),
    end: 0,
    from: new Int32Array(WINDOWS.length),
    payments,
    amounts: new Float64Array(WINDOWS.length),
    firstMs: NaN,
    lastMs: NaN,
    paymentsEver: 0,
    known: new Float64Array(LABEL_WINDOWS.length),
    frauds: new Float64Array(LABEL_WINDOWS.length),
    knownEver: 0,
    fraudsEver: 0,
    lastFraudMs: NaN,
    lastGenuineMs: NaN,
    fraudRun: 0,
    fraudRunFromMs: NaN,
    fraudRunLeastMinor: NaN,
  };
}

/** Points the view at the profile at `address` (0: none) and its labels. */
export function openView(view: EntityView, slab: Slab, address: number): void {
  profile.open(view.cursor, slab, address);
  openLabels(view.labels, slab, address === 0 ? 0 : view.cursor.ints[view.cursor.head * 2 + profile.LABELS]!);
}

/** Reads payments, amounts and times as they stood at the moment of `bounds`: a number handed over costs an object. */
export function readPayments(view: EntityView, bounds: WindowBounds): void {
  const { timeMs } = bounds;
  const { cursor, from, payments, amounts } = view;
  const { doubles, head, start } = cursor;
  view.firstMs = NaN;
  view.lastMs = NaN;
  if (cursor.address === 0) {
    // an entity not named has no numbers, one not seen has none yet
    const none = view.present ? 0 : NaN;
    view.end = 0;
    view.paymentsEver = none;
    for (let w = 0; w < WINDOWS.length; w++) {
      from[w] = 0;
      payments[w] = none;
      amounts[w] = none;
    }
    return;
  }
  const last = doubles[head + profile.LAST_SEEN]!;
  const end = last <= timeMs ? cursor.end : profile.firstAfter(cursor, timeMs, start, cursor.end);
  view.end = end;
  if (last <= timeMs) view.lastMs = last;
  else if (end > start) view.lastMs = profile.timeOf(cursor, end - 1);
  else if (doubles[head + profile.DROPPED_THROUGH]! > -Infinity) view.lastMs = doubles[head + profile.DROPPED_THROUGH]!;
  if (doubles[head + profile.FIRST_SEEN]! <= timeMs) view.firstMs = doubles[head + profile.FIRST_SEEN]!;
  const count = profile.countBefore(cursor, end);
  const amount = profile.amountBefore(cursor, end);
  view.paymentsEver = count;
  const { entries, entryWords, tiled } = cursor;
  const windowBounds = tiled ? bounds.tiled : bounds.exact;
  let first = end;
  let held = 0;
  let minor = 0;
  for (let w = 0; w < WINDOWS.length; w++) {
    const bound = windowBounds[w]!;
    const wider = first;
    let steps = STEPS_BACK;
    while (first > start && doubles[entries + (first - 1) * entryWords]! > bound) {
      first--;
      if (--steps === 0) {
        first = profile.firstAfter(cursor, bound, start, first);
        break;
      }
    }
    if (first !== wider) {
      held = tiled ? count - profile.countBefore(cursor, first) : end - first;
      minor = amount - profile.amountBefore(cursor, first);
    }
    from[w] = first;
    payments[w] = held;
    amounts[w] = minor;
  }
}

/**
 * Reads what was known of the entity's payments at the moment of `bounds`. A payment is known from its first label or, unless
 * blocked, from the end of `labelDelayMs` without one. In tiled profiles silence ends at midnight UTC.
 */
export function readLabels(view: EntityView, { timeMs }: WindowBounds, labelDelayMs: number): void {
  const { cursor, labels, known, frauds } = view;
  view.lastFraudMs = NaN;
  view.lastGenuineMs = NaN;
  view.fraudRun = 0;
  view.fraudRunFromMs = NaN;
  view.fraudRunLeastMinor = NaN;
  if (cursor.address === 0) {
    const none = view.present ? 0 : NaN;
    fillLabels(view, none);
    view.knownEver = 0;
    view.fraudsEver = 0;
    view.fraudRun = none;
    return;
  }
  const silent = silenceEnd(cursor, timeMs - labelDelayMs);
  const silentBefore = profile.eligibleBefore(cursor, silent);
  const labelled = knownBy(labels, timeMs);
  const fraudsUntil = fraudsBefore(labels, labelled);
  view.knownEver = silentBefore + labelsBefore(labels, labelled);
  view.fraudsEver = fraudsUntil;
  if (silent === cursor.start && labels.held === 0) {
    fillLabels(view, 0);
    return;
  }
  let first = cursor.start;
  let longest = first;
  for (let w = LABEL_WINDOWS.length - 1; w >= 0; w--) {
    const fromMs = timeMs - LABEL_WINDOW_MS[w]!;
    if (first < silent) {
      first = profile.firstAfter(cursor, silenceBound(cursor, fromMs - labelDelayMs), first, silent);
    }
    if (w === LABEL_WINDOWS.length - 1) longest = first;
    const silently = first === silent ? 0 : silentBefore - profile.eligibleBefore(cursor, first);
    const firstLabel = labels.held === 0 ? 0 : knownBy(labels, fromMs);
    known[w] = silently + labelled - firstLabel;
    frauds[w] = labels.held === 0 ? 0 : fraudsUntil - fraudsBefore(labels, firstLabel);
  }
  view.lastGenuineMs = lastSilent(cursor, longest, silent);
  if (labelled > 0) readRun(view, knownBy(labels, timeMs - LONGEST_LABEL_WINDOW_MS), labelled);
}

function fillLabels({ known, frauds }: EntityView, value: number): void {
  for (let w = 0; w < LABEL_WINDOWS.length; w++) {
    known[w] = value;
    frauds[w] = value;
  }
}

/** Only the frauds that became known in the longest window: for entities whose rates are not asked for. */
export function recentFrauds(view: EntityView, timeMs: number): number {
  const { labels } = view;
  if (labels.held === 0) return view.present ? 0 : NaN;
  const from = knownBy(labels, timeMs - LONGEST_LABEL_WINDOW_MS);
  return fraudsBefore(labels, knownBy(labels, timeMs)) - fraudsBefore(labels, from);
}

/** The time at or before which silence counts as ended: exact, or the last midnight for tiles. */
function silenceBound(cursor: Cursor, timeMs: number): number {
  return cursor.tiled ? Math.floor(timeMs / DAY_MS) * DAY_MS - 1 : timeMs;
}

function silenceEnd(cursor: Cursor, timeMs: number): number {
  return profile.firstAfter(cursor, silenceBound(cursor, timeMs), cursor.start, cursor.end);
}

/** Time of the newest eligible payment in [from, to): of its day's end in tiles; NaN when none. */
function lastSilent(cursor: Cursor, from: number, to: number): number {
  const total = profile.eligibleBefore(cursor, to);
  if (total === profile.eligibleBefore(cursor, from)) return NaN;
  let low = from;
  let high = to - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (profile.eligibleBefore(cursor, middle + 1) < total) low = middle + 1;
    else high = middle;
  }
  const timeMs = profile.timeOf(cursor, low);
  return cursor.tiled ? (Math.floor(timeMs / DAY_MS) + 1) * DAY_MS : timeMs;
}

/** Adds what the labels in [from, to) say to the last genuine and last fraud times, and counts the run. */
function readRun(view: EntityView, from: number, to: number): void {
  const { labels } = view;
  const oldest = Math.max(from, to - RUN_LIMIT);
  for (let i = oldest; i < to; i++) {
    const eventMs = eventMsOf(labels, i);
    if (isFraudAt(labels, i)) {
      if (!(eventMs <= view.lastFraudMs)) view.lastFraudMs = eventMs;
    } else if (!(eventMs <= view.lastGenuineMs)) view.lastGenuineMs = eventMs;
  }
  for (let i = oldest; i < to; i++) {
    const eventMs = eventMsOf(labels, i);
    if (!isFraudAt(labels, i) || eventMs <= view.lastGenuineMs) continue;
    const minor = amountMinorOf(labels, i);
    view.fraudRun++;
    if (!(eventMs >= view.fraudRunFromMs)) view.fraudRunFromMs = eventMs;
    if (!(minor >= view.fraudRunLeastMinor)) view.fraudRunLeastMinor = minor;
  }
}
