/** Every knob of boosting, forests and isolation forests: default, bounds and meaning, in one table. */

export interface Knob {
  readonly initial: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly whole: boolean;
  readonly meaning: string;
}

const whole = (initial: number, minimum: number, maximum: number, meaning: string): Knob => ({
  initial,
  minimum,
  maximum,
  whole: true,
  meaning,
});
const real = (initial: number, minimum: number, maximum: number, meaning: string): Knob => ({
  initial,
  minimum,
  maximum,
  whole: false,
  meaning,
});

/** Bins of the widest column: 16 bits less one code for missing values. */
export const MOST_BINS = 65_535;

export const BOOSTING_KNOBS = {
  rounds: whole(200, 1, 10_000, 'trees grown at most'),
  learningRate: real(0.1, 1e-4, 1, 'share of each tree’s step that is taken'),
  maximumLeaves: whole(31, 2, 4_096, 'leaves of a tree grown leaf by leaf'),
  maximumDepth: whole(12, 1, 16, 'splits between the root and a leaf; also the depth of a symmetric tree'),
  startsEven: whole(0, 0, 1, '1: the first margin is 0, even odds, in place of the log-odds of the frauds’ share'),
  splitsByWeight: whole(
    0,
    0,
    1,
    '1: splits are scored by row weights in place of second derivatives; leaves keep their Newton steps',
  ),
  minimumChildWeight: real(
    1,
    0,
    1e9,
    'sum of second derivatives, or of row weights under splitsByWeight, a child must keep',
  ),
  minimumGain: real(0, 0, 1e9, 'loss a split must save'),
  l2: real(1, 0, 1e6, 'penalty on squared leaf values'),
  rowShare: real(1, 0.01, 1, 'share of the rows each tree is grown on, drawn without replacement'),
  columnShare: real(1, 0.01, 1, 'share of the features each tree may use'),
  maximumBins: whole(255, 2, MOST_BINS, 'bins of a feature; more than 255 take two bytes a value'),
  positiveWeight: real(1, 1e-6, 1e6, 'factor on the weight of every fraud'),
  focalGamma: real(0, 0, 10, 'how strongly rows already told apart are played down; 0 is the logistic loss'),
  categorySmoothing: real(
    10,
    0,
    1e6,
    'second derivatives that hold a category’s sums back before sets of categories are chosen',
  ),
  categoriesPerSide: whole(32, 1, 254, 'categories that the smaller side of a test may name'),
  patience: whole(0, 0, 10_000, 'rounds without a better validation loss before stopping; 0 never stops early'),
} as const satisfies Readonly<Record<string, Knob>>;

export const FOREST_KNOBS = {
  trees: whole(100, 1, 10_000, 'trees grown'),
  maximumDepth: whole(64, 1, 64, 'splits between the root and a leaf'),
  minimumChildWeight: real(0, 0, 1e9, 'sum of row weights a child must keep'),
  columnsPerSplit: whole(0, 0, 65_535, 'features tried at each split; 0 is the square root of their number'),
  bootstrap: whole(1, 0, 1, '1: each tree sees rows drawn with replacement; 0: all rows'),
  balanced: whole(0, 0, 1, '1: both classes weigh the same in total'),
  maximumBins: whole(MOST_BINS, 2, MOST_BINS, 'bins of a feature; the most there can be part nearly all values'),
} as const satisfies Readonly<Record<string, Knob>>;

/** Defaults of Liu, Ting & Zhou, Isolation Forest, 2008, section 4. */
const ISOLATION_KNOBS = {
  trees: whole(100, 1, 10_000, 'trees grown'),
  sampleRows: whole(256, 2, 65_536, 'rows each tree sees, drawn without replacement'),
} as const satisfies Readonly<Record<string, Knob>>;

export const GROWTH_POLICIES = ['leaf-wise', 'depth-wise', 'symmetric'] as const;
export type GrowthPolicy = (typeof GROWTH_POLICIES)[number];

export type BoostingNumbers = { readonly [name in keyof typeof BOOSTING_KNOBS]: number };
export interface BoostingParameters extends BoostingNumbers {
  readonly growth: GrowthPolicy;
  /** Feature → 1 (the margin never falls as it rises) or -1 (never rises); others are free. */
  readonly monotone: Readonly<Record<number, 1 | -1>>;
}
export type ForestParameters = { readonly [name in keyof typeof FOREST_KNOBS]: number };
export type IsolationParameters = { readonly [name in keyof typeof ISOLATION_KNOBS]: number };

function resolve<Name extends string>(
  knobs: Readonly<Record<Name, Knob>>,
  given: Readonly<Partial<Record<Name, number>>>,
): Record<Name, number> {
  const resolved = {} as Record<Name, number>;
  for (const name of Object.keys(knobs) as Name[]) {
    const { initial, minimum, maximum, whole: isWhole } = knobs[name];
    const value = given[name] ?? initial;
    if (!(value >= minimum && value <= maximum) || (isWhole && !Number.isInteger(value))) {
      const kind = isWhole ? 'a whole number' : 'a number';
      throw new RangeError(`invalid ${name}: ${value} (expected ${kind} from ${minimum} to ${maximum})`);
    }
    resolved[name] = value;
  }
  return resolved;
}

/** Fills in defaults; throws RangeError naming the first knob out of bounds. */
export function boostingParameters(given: Partial<BoostingParameters> = {}): BoostingParameters {
  const growth = given.growth ?? 'leaf-wise';
  if (!GROWTH_POLICIES.includes(growth)) {
    throw new RangeError(`invalid growth: ${growth} (expected one of ${GROWTH_POLICIES.join(', ')})`);
  }
  const monotone = given.monotone ?? {};
  if (growth === 'symmetric' && Object.keys(monotone).length > 0) {
    throw new RangeError('invalid monotone: symmetric trees take no monotone constraints');
  }
  if (given.splitsByWeight === 1 && Object.keys(monotone).length > 0) {
    throw new RangeError('invalid monotone: constraints need splits scored by second derivatives, not by weight');
  }
  return { ...resolve<keyof typeof BOOSTING_KNOBS>(BOOSTING_KNOBS, given), growth, monotone };
}

/** Fills in defaults; throws RangeError naming the first knob out of bounds. */
export function forestParameters(given: Partial<ForestParameters> = {}): ForestParameters {
  return resolve(FOREST_KNOBS, given);
}

/** Fills in defaults; throws RangeError naming the first knob out of bounds. */
export function isolationParameters(given: Partial<IsolationParameters> = {}): IsolationParameters {
  return resolve(ISOLATION_KNOBS, given);
}
