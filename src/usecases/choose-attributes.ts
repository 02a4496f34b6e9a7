/** Which of a data set's attributes a model is given, judged on payments of the training period alone. */
import { type AttributeFeature, CATEGORY_FORMS } from '../domain/attribute-feature.ts';
import { attributeWriter } from '../features/attributes.ts';
import { type FeatureSettings } from '../features/settings.ts';
import { type OpenedTransactions } from '../ports/transaction-source.ts';
import { pruneColumns, type PruningReason } from '../training/prune-columns.ts';
import { trainingEndMs } from '../training/split.ts';

/** Payments looked at: enough to see a share of one in a thousand with an error of a tenth of it. */
const SAMPLE_PAYMENTS = 30_000;

export interface AttributeChoice {
  /** With the attributes kept only. */
  readonly settings: FeatureSettings;
  readonly kept: number;
  /** Names of those left out, by reason. */
  readonly leftOut: Readonly<Record<PruningReason, readonly string[]>>;
}

const isCategory = ({ form }: AttributeFeature): boolean => (CATEGORY_FORMS as readonly string[]).includes(form);

/** Settings without attributes come back as they are. Reads `opened` besides its `read`. */
export async function chooseAttributes(
  opened: OpenedTransactions,
  settings: FeatureSettings,
): Promise<AttributeChoice> {
  const { attributes = [] } = settings;
  const leftOut: Record<PruningReason, string[]> = { constant: [], 'near-empty': [], correlated: [] };
  if (attributes.length === 0) return { settings, kept: 0, leftOut };
  const beforeMs = trainingEndMs(await opened.times(), settings.labelDelayMs);
  if (beforeMs === -Infinity) return { settings, kept: attributes.length, leftOut }; // training will say why not
  const values = attributes.map(() => new Float64Array(SAMPLE_PAYMENTS));
  const labels = new Uint8Array(SAMPLE_PAYMENTS);
  const write = attributeWriter(attributes);
  const row = new Float64Array(attributes.length);
  let rows = 0;
  for await (const batch of opened.sample(SAMPLE_PAYMENTS, beforeMs)) {
    for (const { transaction, label } of batch) {
      write(transaction, transaction.eventTimeMs, row, 0);
      for (let column = 0; column < row.length; column++) values[column]![rows] = row[column]!;
      labels[rows++] = label?.isFraud === true ? 1 : 0;
    }
  }
  const reasons = pruneColumns({
    values: values.map((column) => column.subarray(0, rows)),
    kinds: attributes.map((attribute) => (isCategory(attribute) ? 'category' : 'numeric')),
    labels: labels.subarray(0, rows),
  });
  const kept: AttributeFeature[] = [];
  attributes.forEach((attribute, column) => {
    const reason = reasons[column];
    if (reason === undefined) kept.push(attribute);
    else leftOut[reason].push(attribute.name);
  });
  return { settings: { ...settings, attributes: kept }, kept: kept.length, leftOut };
}
