/** What a feature is called when the catalogue that named it is not known: its place in the vector, from 1. */
export const unnamedFeature = (index: number): string => `feature_${index + 1}`;
