/** The fields of a payment as sent: type, bounds and meaning in one table, for the decoder and the published schema. */
import { COUNTRY_CODE } from '../domain/country.ts';
import { MAX_AMOUNT_MAJOR } from '../domain/money.ts';
import { type JsonSchema } from './schema.ts';

/**
 * `identifier` names something and keeps it apart from others, so a card number in it becomes a token; `text` is for
 * reading, so a card number in it is masked; the others cannot hold one.
 */
export type FieldKind =
  | 'identifier'
  | 'text'
  | 'amount'
  | 'currency'
  | 'timestamp'
  | 'country'
  | 'ip'
  | 'degrees'
  | 'last-four'
  | 'attributes';

export interface PaymentField {
  readonly kind: FieldKind;
  readonly required?: true;
  /** Characters (text) or value (degrees), inclusive. */
  readonly bounds?: readonly [number, number];
  readonly description: string;
  readonly example?: string | number | Readonly<Record<string, string | number | boolean>>;
}

/** Attributes of one payment. */
/** The widest data set that is mapped has 420. */
export const MAX_ATTRIBUTES = 512;
export const MAX_ATTRIBUTE_NAME = 64;
export const MAX_ATTRIBUTE_TEXT = 512;

/** In alphabetical order, which is the order of the canonical JSON. */
export const PAYMENT_FIELDS = {
  amount: {
    kind: 'amount',
    required: true,
    description: 'Major units of the currency, with no more decimals than it has (USD 2, JPY 0, KWD 3)',
    example: 149.99,
  },
  attributes: {
    kind: 'attributes',
    description: 'Anything else worth keeping, by name; kept with the decision',
    example: { channel: 'app' },
  },
  card_id: { kind: 'identifier', bounds: [1, 100], description: 'The card or account paid with', example: 'card_1' },
  card_last_four: { kind: 'last-four', description: 'The last four digits of the card', example: '4242' },
  card_type: { kind: 'text', bounds: [1, 30], description: 'Scheme of the card', example: 'visa' },
  currency: { kind: 'currency', description: 'ISO 4217 alphabetic code; USD when absent', example: 'USD' },
  device_id: { kind: 'identifier', bounds: [1, 100], description: 'The device paid from', example: 'device_1' },
  device_type: { kind: 'text', bounds: [1, 30], description: 'Kind of device', example: 'mobile' },
  email_domain: { kind: 'text', bounds: [1, 253], description: 'The part after the @', example: 'example.com' },
  ip_address: { kind: 'ip', description: 'IPv4 or IPv6 address of the payer', example: '203.0.113.7' },
  latitude: { kind: 'degrees', bounds: [-90, 90], description: 'Degrees north', example: 40.71 },
  location_city: { kind: 'text', bounds: [1, 100], description: 'City of the payment', example: 'New York' },
  location_country: { kind: 'country', description: 'ISO 3166 code, two or three letters', example: 'US' },
  longitude: { kind: 'degrees', bounds: [-180, 180], description: 'Degrees east', example: -74.01 },
  merchant_category: {
    kind: 'text',
    required: true,
    bounds: [1, 50],
    description: 'What the merchant sells',
    example: 'online_shopping',
  },
  merchant_id: {
    kind: 'identifier',
    required: true,
    bounds: [1, 100],
    description: 'Who is paid',
    example: 'merchant_1',
  },
  timestamp: {
    kind: 'timestamp',
    description: 'When the payment happened, RFC 3339 with a zone; the time of arrival when absent',
    example: '2026-01-15T10:30:00Z',
  },
  transaction_id: {
    kind: 'identifier',
    bounds: [1, 100],
    description: 'Makes the payment repeatable: the same id and content get the first answer again; chosen when absent',
    example: 'payment-1',
  },
  transaction_type: {
    kind: 'text',
    required: true,
    bounds: [1, 30],
    description: 'purchase, withdrawal, transfer, refund or your own word',
    example: 'purchase',
  },
  user_id: { kind: 'identifier', required: true, bounds: [1, 100], description: 'Who pays', example: 'user_1' },
} as const satisfies Readonly<Record<string, PaymentField>>;

/** No C0 control characters: PostgreSQL cannot hold U+0000, and none of them belongs in a name. */
const PRINTABLE = '^[^\\u0000-\\u001f]*$';

const ATTRIBUTES_SCHEMA: JsonSchema = {
  type: 'object',
  maxProperties: MAX_ATTRIBUTES,
  propertyNames: { minLength: 1, maxLength: MAX_ATTRIBUTE_NAME, pattern: PRINTABLE },
  additionalProperties: {
    anyOf: [
      { type: 'string', maxLength: MAX_ATTRIBUTE_TEXT, pattern: PRINTABLE },
      { type: 'number' },
      { type: 'boolean' },
    ],
  },
};

function constraintsOf(field: PaymentField): JsonSchema {
  const [low, high] = field.bounds ?? [0, 0];
  switch (field.kind) {
    case 'identifier':
    case 'text':
      return { type: 'string', minLength: low, maxLength: high, pattern: PRINTABLE };
    case 'amount':
      return { type: 'number', exclusiveMinimum: 0, maximum: MAX_AMOUNT_MAJOR };
    case 'currency':
      return { type: 'string', pattern: '^[A-Za-z]{3}$', default: 'USD' };
    case 'timestamp':
      return { type: 'string', format: 'date-time' };
    case 'country':
      return { type: 'string', pattern: COUNTRY_CODE.source };
    case 'ip':
      return { type: 'string', anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] };
    case 'degrees':
      return { type: 'number', minimum: low, maximum: high };
    case 'last-four':
      return { type: 'string', pattern: '^[0-9]{4}$' };
    case 'attributes':
      return ATTRIBUTES_SCHEMA;
  }
}

/** Null counts as absent for every optional field. */
export function paymentFieldSchema(field: PaymentField): JsonSchema {
  const constraints = constraintsOf(field);
  return {
    ...constraints,
    ...(field.required ? {} : { type: [constraints.type as string, 'null'] }),
    description: field.description,
    ...(field.example === undefined ? {} : { examples: [field.example] }),
  };
}

const ENTRIES: readonly (readonly [string, PaymentField])[] = Object.entries(PAYMENT_FIELDS);

export const PAYMENT_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'A payment to be scored. Optional fields may be left out or null; other fields are refused.',
  properties: Object.fromEntries(ENTRIES.map(([name, field]) => [name, paymentFieldSchema(field)])),
  required: ENTRIES.filter(([, field]) => field.required).map(([name]) => name),
  additionalProperties: false,
};
