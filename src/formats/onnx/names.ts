/** Names in ONNX files that are ours. */

/** Under this key of the metadata a file may name its features, as a JSON list. */
export const FEATURE_NAMES_KEY = 'feature_names';
export const PRODUCER = 'sentinel';
/** The output in front of the calibration. */
export const MARGIN = 'margin';
