/** Exact path-dependent Shapley values of tree ensembles (Lundberg et al., 2018, as TreeSHAP defines them). */
import { type Explainer } from './explanation.ts';
import { createPathExplainer } from './path-shap.ts';
import { createSymmetricExplainer } from './symmetric-shap.ts';
import { createSymmetricLeaves } from './symmetric-leaves.ts';
import { type TreeEnsemble } from './tree.ts';

/**
 * An explainer holding its own scratch memory: one call at a time. Sums to the margin within 1e-9. `leaves`, of the same
 * ensemble, may be shared with a scorer.
 */
export function createExplainer(ensemble: TreeEnsemble, leaves = createSymmetricLeaves(ensemble)): Explainer {
  return ensemble.symmetric.length > 0 ? createSymmetricExplainer(ensemble, leaves) : createPathExplainer(ensemble);
}
