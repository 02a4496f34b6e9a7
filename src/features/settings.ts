/** What an engine is made with; two engines of equal settings and history hold equal bytes. */
import { type AttributeFeature } from '../domain/attribute-feature.ts';

const CATALOGUES = ['sentinel', 'handbook'] as const;
const MERCHANT_WINDOWS = ['tiles', 'exact'] as const;

export interface FeatureSettings {
  readonly catalogue: (typeof CATALOGUES)[number];
  /** How long a payment must stay without a fraud label to count as genuine. */
  readonly labelDelayMs: number;
  /** Zone of hours, days and nights; 0 is UTC. */
  readonly utcOffsetMinutes: number;
  /** How a merchant's windows are kept: fixed tiles, bounded in size, or every payment. */
  readonly merchantWindows: (typeof MERCHANT_WINDOWS)[number];
  /** Attributes of the payment that follow the catalogue's own features in the vector; none when absent. */
  readonly attributes?: readonly AttributeFeature[];
}

function requireOneOf(choices: readonly string[], name: string, value: string): void {
  if (!choices.includes(value))
    throw new RangeError(`invalid ${name}: ${value} (expected one of ${choices.join(', ')})`);
}

/** The settings alone, in fixed order, whatever else the object given holds. Throws RangeError for what none may be. */
export function plainSettings(settings: FeatureSettings): FeatureSettings {
  const { catalogue, labelDelayMs, utcOffsetMinutes, merchantWindows, attributes = [] } = settings;
  requireOneOf(CATALOGUES, 'catalogue', catalogue);
  requireOneOf(MERCHANT_WINDOWS, 'merchantWindows', merchantWindows);
  if (!(labelDelayMs >= 0 && labelDelayMs < Infinity))
    throw new RangeError(`invalid labelDelayMs: ${labelDelayMs} (expected a number from 0)`);
  if (!Number.isFinite(utcOffsetMinutes))
    throw new RangeError(`invalid utcOffsetMinutes: ${utcOffsetMinutes} (expected a number)`);
  const plain = { catalogue, labelDelayMs, utcOffsetMinutes, merchantWindows };
  if (attributes.length === 0) return plain;
  return { ...plain, attributes: attributes.map(({ name, form, attribute }) => ({ name, form, attribute })) };
}
