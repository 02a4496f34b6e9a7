/** What an engine is made with; two engines of equal settings and history hold equal bytes. */
import { type AttributeFeature } from '../domain/attribute-feature.ts';

export interface FeatureSettings {
  readonly catalogue: 'sentinel' | 'handbook';
  /** How long a payment must stay without a fraud label to count as genuine. */
  readonly labelDelayMs: number;
  /** Zone of hours, days and nights; 0 is UTC. */
  readonly utcOffsetMinutes: number;
  /** How a merchant's windows are kept: fixed tiles, bounded in size, or every payment. */
  readonly merchantWindows: 'tiles' | 'exact';
  /** Attributes of the payment that follow the catalogue's own features in the vector; none when absent. */
  readonly attributes?: readonly AttributeFeature[];
}

/** The settings alone, in fixed order, whatever else the object given holds. */
export function plainSettings(settings: FeatureSettings): FeatureSettings {
  const { catalogue, labelDelayMs, utcOffsetMinutes, merchantWindows, attributes = [] } = settings;
  const plain = { catalogue, labelDelayMs, utcOffsetMinutes, merchantWindows };
  if (attributes.length === 0) return plain;
  return { ...plain, attributes: attributes.map(({ name, form, attribute }) => ({ name, form, attribute })) };
}
