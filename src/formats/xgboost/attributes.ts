/** Attributes of XGBoost files that are ours: XGBoost keeps them and does not look at them. */

/** The document of the encoder that makes the file's columns of features. */
export const ENCODER_ATTRIBUTE = 'sentinel_encoder';
/** The names of the features, as a JSON list. */
export const FEATURES_ATTRIBUTE = 'sentinel_features';
