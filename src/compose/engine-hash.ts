/** Names what makes profiles: the arithmetic of the engine and its settings. */
import { type FeatureSettings } from '../features/engine.ts';
import { hashText } from './inputs.ts';

/** A change of the engine's arithmetic needs a new name, so that no profiles of another engine are used. */
const ENGINE = 'engine-1';

export const engineHashOf = (settings: FeatureSettings): string => `${ENGINE} ${hashText(JSON.stringify(settings))}`;
