/** What an engine is made with; two engines of equal settings and history hold equal bytes. */

export interface FeatureSettings {
  readonly catalogue: 'sentinel' | 'handbook';
  /** How long a payment must stay without a fraud label to count as genuine. */
  readonly labelDelayMs: number;
  /** Zone of hours, days and nights; 0 is UTC. */
  readonly utcOffsetMinutes: number;
  /** How a merchant's windows are kept: fixed tiles, bounded in size, or every payment. */
  readonly merchantWindows: 'tiles' | 'exact';
}

/** The settings alone, in fixed order, whatever else the object given holds. */
export function plainSettings(settings: FeatureSettings): FeatureSettings {
  const { catalogue, labelDelayMs, utcOffsetMinutes, merchantWindows } = settings;
  return { catalogue, labelDelayMs, utcOffsetMinutes, merchantWindows };
}
