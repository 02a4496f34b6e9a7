/** Folds a label into the profiles of its payment's entities and into the sums behind the slow tables. */
import { ENTITY_KINDS, type EntityKind } from '../domain/entity.ts';
import { type Label, labelInForce, type LabelArrival, type PaymentReference } from '../domain/label.ts';
import { withdrawEligible } from './entries.ts';
import { createEntityView, type EntityView, openView } from './entity-view.ts';
import { hashEntity } from './hash.ts';
import { addLabel, flipLabel } from './label-history.ts';
import { LABELS, type ProfileLayout } from './profile.ts';
import { type Profiles } from './profiles.ts';
import { type Slab } from './slab.ts';
import { type SubjectKeys, type TableSums } from './table-sums.ts';

export interface LabelFold {
  fold(labelArrival: LabelArrival): void;
  /** A view of one entity, open at its profile if it has one; the same view for each kind, valid until the next call. */
  viewOf(kind: EntityKind, id: string): EntityView;
}

/** The first label of a payment, in the profile of one of its entities, which is there. */
export function addFirstLabel(
  { cursor, labels }: EntityView,
  slab: Slab,
  label: Pick<Label, 'arrivalMs' | 'isFraud'>,
  payment: Pick<PaymentReference, 'seq' | 'eventTimeMs' | 'amountBaseMinor' | 'blocked'>,
  labelDelayMs: number,
): void {
  if (!payment.blocked) withdrawEligible(cursor, payment.eventTimeMs);
  const silentMs = payment.blocked ? Infinity : payment.eventTimeMs + labelDelayMs;
  const at = cursor.head * 2 + LABELS;
  cursor.ints[at] = addLabel(labels, slab, cursor.ints[at]!, {
    knownMs: Math.min(label.arrivalMs, silentMs),
    eventTimeMs: payment.eventTimeMs,
    seq: payment.seq,
    amountMinor: payment.amountBaseMinor,
    isFraud: label.isFraud,
  });
}

export function createLabelFold(
  profiles: Profiles,
  sums: TableSums,
  layouts: Readonly<Record<EntityKind, ProfileLayout>>,
  labelDelayMs: number,
): LabelFold {
  const views = new Map(ENTITY_KINDS.map((kind) => [kind, createEntityView(layouts[kind])]));

  const viewOf = (kind: EntityKind, id: string): EntityView => {
    const view = views.get(kind)!;
    view.present = true;
    hashEntity(kind, id, view.key);
    openView(view, profiles.slab, profiles.index.find(view.key));
    return view;
  };

  return {
    viewOf,
    fold(labelArrival) {
      const { label, payment, previous } = labelArrival;
      const { isFraud } = labelInForce(previous, label);
      if (previous !== undefined && previous.isFraud === isFraud) return;
      for (const kind of ENTITY_KINDS) {
        const id = payment.entities[kind];
        const view = id === undefined ? undefined : viewOf(kind, id);
        if (view === undefined || view.cursor.address === 0) continue;
        if (previous === undefined) addFirstLabel(view, profiles.slab, label, payment, labelDelayMs);
        else flipLabel(view.labels, payment.seq, isFraud);
      }
      const keys: SubjectKeys = {
        merchant_category: payment.merchantCategory,
        location_country: payment.locationCountry,
        device_type: payment.deviceType,
      };
      if (previous === undefined) sums.addLabel(payment.eventTimeMs, keys, isFraud, !payment.blocked);
      else sums.flipLabel(payment.eventTimeMs, keys, isFraud);
    },
  };
}
