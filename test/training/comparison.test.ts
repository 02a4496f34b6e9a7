/** The comparison page: every model, learner and plot on one page that needs nothing else. */
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/training/metric-table.ts';
import { createModelCard, type ModelCard } from '../../src/training/model-card/card.ts';
import { measuredAgain, renderComparison } from '../../src/training/model-card/comparison.ts';
import { aTrainedEnsemble, cardFacts, QUICK_LEARNERS } from '../support/trained-ensembles.ts';
import { aTrainingTable } from '../support/training-tables.ts';

const table = aTrainingTable({ rows: 3_000, intercept: -2.5 });
let nowUs = 0;
const cardOf = (version: string, learners = QUICK_LEARNERS): ModelCard =>
  createModelCard(aTrainedEnsemble(table, { learners, clockUs: () => (nowUs += 1_250_000) }), cardFacts(table, { version })); // prettier-ignore
const cards = [cardOf('v20260301_120000'), cardOf('v20260302_120000', QUICK_LEARNERS.slice(0, 1))];
const page = renderComparison(cards, true);

describe('renderComparison', () => {
  it('needs nothing but itself, in dark and light, and writes no NaN', () => {
    expect(/<script|<link|<iframe|<img|https?:|@import|url\(/i.exec(page)?.[0]).toBeUndefined();
    expect(/NaN|Infinity|undefined|null/.exec(page)?.[0]).toBeUndefined();
    expect(page.includes('prefers-color-scheme: dark')).toBe(true);
  });

  it('sets every metric side by side and marks the best defined value of each', () => {
    for (const { label } of Object.values(METRICS)) expect(page.includes(`>${label}</th>`)).toBe(true);
    const metrics = page.slice(page.indexOf('<h2>Metrics'), page.indexOf('<h2>Curves'));
    expect(metrics.match(/class="best"/g)).toHaveLength(Object.keys(METRICS).length);
  });

  it('lists every learner of every model with the time of its fit', () => {
    const learners = page.slice(page.indexOf('<h2>Learners'), page.indexOf('<h2>Each model'));
    expect(learners.match(/<tr[ >]/g)).toHaveLength(1 + 3 + 1);
    expect(learners.match(/<td>1\.3 s<\/td>/g)).toHaveLength(3); // each learner; the stack took 2.5 s
    expect(learners.includes('<td>2.5 s</td>')).toBe(true);
  });

  it('overlays four plots and keeps all plots of each model', () => {
    expect(page.match(/<svg [^>]*role="img" aria-label="[^"]+"/g)).toHaveLength(4 + 2 * 5);
    for (const series of ['fraud', 'genuine']) expect(page.includes(`class="line ${series}"`)).toBe(true);
  });

  it('says so when the payments were not the same, and when there are more models than lines', () => {
    expect(renderComparison(cards, false).includes('Measured on different payments')).toBe(true);
    const many = [...cards, ...cards, ...cards].map((card, i) => ({ ...card, version: `v${i}` }));
    expect(renderComparison(many, true).includes('Curves of the first 4 models')).toBe(true);
  });

  it('says so when the money of one model is another’s neither by currency nor by costs', () => {
    const [first, second] = cards as [ModelCard, ModelCard];
    const said = (other: ModelCard): boolean => renderComparison([first, other], true).includes('it does not compare');
    expect(said(second)).toBe(false);
    expect(said({ ...second, currency: 'INR' })).toBe(true);
    expect(said({ ...second, costs: { ...second.costs, churnShare: 0.5 } })).toBe(true);
  });

  it('shows the measurement put in place of a card’s own', () => {
    const [first, second] = cards as [ModelCard, ModelCard];
    const { evaluation } = second.periods.at(-1)!;
    const costs = { ...first.costs, reviewCost: 99 };
    const again = measuredAgain(first, evaluation, second.curves, costs);
    expect([again.version, again.curves, again.periods.at(-1)!.evaluation]).toEqual([first.version, second.curves, evaluation]); // prettier-ignore
    expect(again.costs).toEqual(costs);
    expect(again.periods.slice(0, -1)).toEqual(first.periods.slice(0, -1));
  });

  it('takes cards written before learners were timed', () => {
    const old = JSON.parse(JSON.stringify(cards[0])) as ModelCard;
    const candidates = old.candidates.map(({ fitSeconds: _, folds: __, ...rest }) => rest);
    expect(/NaN|undefined|null/.test(renderComparison([{ ...old, candidates }], true))).toBe(false);
  });
});
