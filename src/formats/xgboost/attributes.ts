/** Attributes of XGBoost files: those that are ours, which XGBoost keeps and does not look at, and its own that count. */

/** The document of the encoder that makes the file's columns of features. */
export const ENCODER_ATTRIBUTE = 'sentinel_encoder';
/** The names of the features, as a JSON list. */
export const FEATURES_ATTRIBUTE = 'sentinel_features';

/** There when a wrapper for scikit-learn (XGBClassifier, for instance) saved the model. */
export const WRAPPER_ATTRIBUTE = 'scikit_learn';
/** The best round, from 0, of a training that stopped early. */
export const BEST_ROUND_ATTRIBUTE = 'best_iteration';
