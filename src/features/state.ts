/** All that an engine knows, and the two ways it changes: a payment is added, a label is folded. */
import { type Outcome } from '../domain/outcome.ts';
import { HOUR_MS } from '../domain/time.ts';
import { type Arrival } from '../domain/transaction.ts';
import { type FeatureContext } from './context.ts';
import { type Entry } from './entries.ts';
import { createLabelFold, type LabelFold } from './label-fold.ts';
import { layoutsFor } from './profile.ts';
import { createProfiles, type Profiles, retentionMs } from './profiles.ts';
import { createReader, userLane } from './reader.ts';
import { type FeatureSettings } from './settings.ts';
import { lookUp, NO_TABLES, type SlowTables } from './slow-tables.ts';
import { type EngineImage } from './snapshot.ts';
import { createTableSums } from './table-sums.ts';

export interface EngineState {
  readonly context: FeatureContext;
  readonly profiles: Profiles;
  readonly labels: LabelFold;
  /** Brings the payment and its profiles as they stand into the context. */
  bring(arrival: Arrival): void;
  add(arrival: Arrival, outcome: Outcome): void;
  /** Tables of a new hour; undefined while the hour of the last ones lasts. */
  tablesDue(arrivalMs: number): SlowTables | undefined;
  publish(tables: SlowTables): void;
  image(): EngineImage;
}

export function createState(settings: FeatureSettings, image?: EngineImage): EngineState {
  const { labelDelayMs } = settings;
  const layouts = layoutsFor(settings.merchantWindows);
  const profiles = createProfiles(retentionMs(labelDelayMs), image?.profiles);
  const sums = createTableSums(labelDelayMs, image?.sums);
  const labels = createLabelFold(profiles, sums, layouts, labelDelayMs);
  const reader = createReader(profiles, { ...settings, layouts, walksUser: settings.catalogue === 'sentinel' });
  const { context } = reader;
  context.tables = lookUp(image?.tables ?? NO_TABLES);
  const entry: Entry = { timeMs: 0, amountMinor: 0, eligible: 0, lanes: new Uint32Array(5) };
  let publishedHour = image?.publishedHour ?? -1;
  /** The payment whose profiles the context points at; none after any change. */
  let located: Arrival | undefined;

  /** A payment is often read as an arrival and added as a record: another object, but the same payment. */
  const locate = (arrival: Arrival): void => {
    const same =
      located !== undefined &&
      located.transaction === arrival.transaction &&
      located.arrivalMs === arrival.arrivalMs &&
      located.amountBaseMinor === arrival.amountBaseMinor;
    if (!same) reader.locate(arrival);
    located = arrival;
  };

  return {
    context,
    profiles,
    labels: {
      viewOf: labels.viewOf,
      fold(labelArrival) {
        located = undefined;
        labels.fold(labelArrival);
      },
    },
    bring(arrival) {
      locate(arrival);
      reader.read();
    },
    add(arrival, outcome) {
      locate(arrival);
      located = undefined;
      if (publishedHour < 0) publishedHour = Math.floor(arrival.arrivalMs / HOUR_MS);
      entry.timeMs = context.timeMs;
      entry.amountMinor = context.amountMinor;
      entry.eligible = outcome === 'block' ? 0 : 1;
      addToProfiles(profiles, context, entry);
      if (sums.advance(context.timeMs)) reader.vocabulary.forgetCounts();
      sums.addPayment(context.timeMs, context.words, context.amountMinor, entry.eligible === 1);
      profiles.sweep(arrival.arrivalMs);
    },
    tablesDue(arrivalMs) {
      const due = publishedHour >= 0 && Math.floor(arrivalMs / HOUR_MS) > publishedHour;
      return due ? sums.publish(arrivalMs, context.tables.source.version + 1) : undefined;
    },
    publish(tables) {
      context.tables = lookUp(tables);
      reader.vocabulary.renew();
      located = undefined;
      publishedHour = Math.floor(tables.arrivalMs / HOUR_MS);
    },
    image: () => ({
      profiles: profiles.image(),
      sums: sums.image(),
      tables: context.tables.source,
      publishedHour,
    }),
  };
}

/** Adds the payment to the profile of each entity it names. */
function addToProfiles(profiles: Profiles, context: FeatureContext, entry: Entry): void {
  const { entities, lanes } = context;
  const user = entities[0]!;
  entry.lanes[0] = userLane(context);
  for (let e = 1; e < entities.length; e++) {
    const view = entities[e]!;
    if (view.present) profiles.add(view.cursor, view.key, entry);
  }
  entry.lanes[0] = lanes.merchant;
  entry.lanes[1] = lanes.device;
  entry.lanes[2] = lanes.ip;
  entry.lanes[3] = lanes.context;
  entry.lanes[4] = lanes.place;
  profiles.add(user.cursor, user.key, entry);
}
