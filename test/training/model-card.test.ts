/** The model card: one self-contained page and its JSON twin, with the same numbers. */
import { type CleaningReport } from '../../src/datasets/cleaning.ts';
import { describe, expect, it } from 'vitest';
import { renderMetrics } from '../../src/cli/render-metrics.ts';
import { METRICS } from '../../src/training/metric-table.ts';
import { createModelCard, encodeModelCard, type ModelCard } from '../../src/training/model-card/card.ts';
import { logOdds } from '../../src/training/model-card/curves.ts';
import { renderModelCard } from '../../src/training/model-card/page.ts';
import { roundTicks } from '../../src/training/model-card/plot.ts';
import { compact, escaped, money, percent, probabilityLabel, whole } from '../../src/training/model-card/text.ts';
import { aTrainedEnsemble, cardFacts } from '../support/trained-ensembles.ts';
import { aTrainingTable } from '../support/training-tables.ts';

const table = aTrainingTable({ rows: 4_000, intercept: -2.5 });
const trained = aTrainedEnsemble(table);
const card = createModelCard(trained, cardFacts(table));
const page = renderModelCard(card);
/** Whether the page holds a text; a failing comparison would print the whole page. */
const shows = (text: string): boolean => page.includes(text);

describe('the page', () => {
  it('needs nothing but itself: no script, no link, no address, no import', () => {
    expect(/<script|<link|<iframe|<img|https?:|@import|url\(/i.exec(page)?.[0]).toBeUndefined();
    expect(page.startsWith('<!doctype html>')).toBe(true);
  });

  it('is well-formed: every element opened is closed in order', () => {
    const open: string[] = [];
    const VOID = new Set(['meta', 'br']);
    for (const [, slash, name, selfClosed] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:\s[^<>]*?)?(\/?)>/g)) {
      if (VOID.has(name!) || selfClosed === '/') continue;
      if (slash === '/') expect(open.pop()).toBe(name);
      else open.push(name!);
    }
    expect(open).toEqual([]);
  });

  it('draws all plots, names them for readers of the screen, and never writes NaN', () => {
    expect(page.match(/<svg [^>]*role="img" aria-label="[^"]+"/g)).toHaveLength(5);
    expect(/NaN|Infinity|undefined|null/.exec(page)?.[0]).toBeUndefined();
  });

  it('shows every metric with its interval, candidates, features, settings and limits', () => {
    for (const { label } of Object.values(METRICS)) expect(shows(`>${label}</th>`)).toBe(true);
    for (const { name } of card.candidates) expect(shows(name)).toBe(true);
    for (const { feature } of card.importance) expect(shows(`<code>${feature}</code>`)).toBe(true);
    const { value, low, high } = card.periods.at(-1)!.evaluation.metrics.averagePrecision;
    expect(shows(`<b>${value.toFixed(3)}</b><small>${low.toFixed(3)} to ${high.toFixed(3)}</small>`)).toBe(true);
    for (const limit of card.limits) expect(shows(escaped(limit))).toBe(true);
    expect(shows(card.data.sha256)).toBe(true);
  });

  it('says how many payments had no label, since they count as genuine', () => {
    const cleaning = {
      rowsRead: 5_000,
      rowsKept: 5_000,
      frauds: 9,
      unlabelled: 1_234,
      dropped: {},
      repaired: {},
    } as unknown as CleaningReport; // no reason met any row
    const shown = (unlabelled: number): boolean => renderModelCard({ ...card, cleaning: { ...cleaning, unlabelled } }).includes('1,234, which count as genuine'); // prettier-ignore
    expect([shown(1_234), shown(0)]).toEqual([true, false]);
  });

  it('works in dark and light', () => {
    expect(shows('prefers-color-scheme: dark')).toBe(true);
  });

  it('shows hostile names as text', () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const facts = cardFacts(table, { data: { ...card.data, path: hostile }, environment: { [hostile]: hostile } });
    const other = createModelCard({ ...trained, importance: [{ feature: hostile, meanShap: 1, gainShare: 1 }] }, facts);
    expect(renderModelCard(other).includes('<img')).toBe(false);
  });

  it('is the same bytes for the same card', () => {
    expect(renderModelCard(createModelCard(trained, cardFacts(table))) === page).toBe(true);
  });
});

describe('the JSON twin', () => {
  const twin = JSON.parse(encodeModelCard(card)) as ModelCard;

  it('draws the same page, except for what JSON cannot say', () => {
    // Undefined values are null there; the page shows both as a dash.
    expect(renderModelCard(twin) === page).toBe(true);
  });

  it('says what model, data, periods and costs it speaks of', () => {
    expect(twin.version).toBe('v20260301_120000');
    expect(twin.data.rows).toBe(4_000);
    expect(twin.periods.map(({ name }) => name)).toEqual(['train', 'earlyStopping', 'calibration', 'policy', 'test']);
    expect(twin.candidates.filter(({ chosen }) => chosen)).toHaveLength(1);
    expect(twin.curves.loss.withoutSystem - twin.curves.loss.chosen).toBeCloseTo(
      twin.periods.at(-1)!.evaluation.metrics.moneySaved.value,
      6,
    );
  });

  it('holds curves that begin and end where they must', () => {
    const { roc, precisionRecall, scores } = twin.curves;
    expect([roc[0], roc.at(-1)]).toEqual([
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ]);
    expect(precisionRecall[0]).toEqual({ x: 0, y: 1 });
    expect(scores.fraud.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(scores.genuine.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  });
});

describe('limits', () => {
  it('warn of few frauds, simulated payments and a short time only where it is so', () => {
    const limits = (facts: Parameters<typeof cardFacts>[1]): string =>
      createModelCard(trained, cardFacts(table, facts)).limits.join(' ');
    expect(limits({})).toContain('simulated');
    expect(limits({ data: { ...card.data, mapping: 'handbook' } })).not.toContain('simulated');
    expect(limits({})).not.toContain('calendar');
    const short = createModelCard({ ...trained, leftOut: ['hour_of_day'] }, cardFacts(table));
    expect(short.limits.join(' ')).toContain('calendar: hour_of_day');
    expect(limits({})).toMatch(/Intervals hold 95 % of \d+ resamples/);
    expect(limits({ replicates: 0 })).toContain('No intervals were computed');
    const single = { ...trained.evaluations, test: { ...trained.evaluations.test, customers: 1 } };
    expect(createModelCard({ ...trained, evaluations: single }, cardFacts(table)).limits.join(' ')).toContain('of one customer'); // prettier-ignore
    const few = { ...trained.evaluations, test: { ...trained.evaluations.test, frauds: 12 } };
    expect(createModelCard({ ...trained, evaluations: few }, cardFacts(table)).limits.join(' ')).toContain('12 frauds only'); // prettier-ignore
  });
});

describe('a model that gives every payment the same score', () => {
  const flat = { ...trained, test: { ...trained.test, probabilities: trained.test.probabilities.map(() => 0.006) } };

  it('is said to do so, on the card and where its training ends', () => {
    const told = createModelCard(flat, cardFacts(table));
    expect(told.flatScore).toBe(0.006);
    expect(told.limits.join(' ')).toContain('every payment the same score, 0.6 %');
    expect(renderMetrics(told)).toContain('Warning: it gives every payment the same score, 0.6 %');
  });

  it('is not every other one', () => {
    expect(card).not.toHaveProperty('flatScore');
    expect(card.limits.join(' ')).not.toContain('the same score');
    expect(renderMetrics(card)).not.toContain('Warning');
  });
});

describe('text', () => {
  it('never calls a probability 0 or 100 % that is neither', () => {
    const shares = [0, 0.00003, 0.00306, 0.25, 0.999, 0.99999, 1];
    expect(shares.map(probabilityLabel)).toEqual(['0 %', '0.003 %', '0.31 %', '25 %', '99.9 %', '99.999 %', '100 %']);
    expect(probabilityLabel(1e-300)).toBe('0 %'); // beyond the decimals there are
  });

  it('writes numbers for people', () => {
    expect([whole(1234567.4), whole(-999), whole(NaN)]).toEqual(['1,234,567', '-999', '–']);
    expect([percent(0.1234), percent(0.0012), percent(0.00002), percent(0), percent(NaN)]).toEqual(['12.3 %', '0.12 %', '0.002 %', '0.0 %', '–']); // prettier-ignore
    expect([compact(950), compact(12_300), compact(-4_560_000)]).toEqual(['950', '12.3k', '-4.56M']);
    expect([money(-1200, 'USD'), money(NaN, 'USD')]).toEqual(['−1,200 USD', '–']);
    expect(escaped(`<a b="c">&'`)).toBe('&lt;a b=&quot;c&quot;&gt;&amp;&#39;');
  });

  it('spaces ticks roundly', () => {
    expect(roundTicks(0, 87, 5, String).map(({ at }) => at)).toEqual([0, 20, 40, 60, 80]);
    expect(roundTicks(-0.5, 0.5, 4, String).map(({ at }) => at)).toEqual([-0.4, -0.2, 0, 0.2, 0.4]);
    expect(roundTicks(0, 0.0012, 5, String).length).toBeGreaterThan(3);
  });

  it('keeps log-odds within the range drawn', () => {
    expect([logOdds(0), logOdds(0.5), logOdds(1), logOdds(1e-9)]).toEqual([-8, 0, 8, -8]);
  });
});
