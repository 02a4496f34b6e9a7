/** Exact path-dependent Shapley values of tree ensembles (Lundberg et al., 2018, as TreeSHAP defines them). */
import { type Explainer } from './explanation.ts';
import { createPathExplainer } from './path-shap.ts';
import { createSymmetricExplainer } from './symmetric-shap.ts';
import { type TreeEnsemble } from './tree.ts';

/** An explainer holding its own scratch memory: one call at a time. Sums to the margin within 1e-9. */
export function createExplainer(ensemble: TreeEnsemble): Explainer {
  return ensemble.symmetric.length > 0 ? createSymmetricExplainer(ensemble) : createPathExplainer(ensemble);
}
