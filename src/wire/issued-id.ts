/** The longest id that the service itself gives a payment, to be taken wherever one is asked for. */
import { MIN_DIGITS } from '../domain/pan.ts';
import { MAX_BATCH } from './batch.ts';
import { PAYMENT_FIELDS } from './payment-fields.ts';

/** Of an id as it is sent; an Idempotency-Key is no longer. */
const [, MAX_SENT] = PAYMENT_FIELDS.transaction_id.bounds;
/** What stands for a card number; see access/pan-token.ts. */
const TOKEN_LENGTH = 'pan_1_'.length + 32;
/** Card numbers in an id, each apart from the next by a character at least. */
const MOST_PANS = Math.floor((MAX_SENT + 1) / (MIN_DIGITS + 1));

/** Characters: every card number in it a token, the place in a batch behind it. */
export const MAX_ISSUED_ID = MAX_SENT + MOST_PANS * (TOKEN_LENGTH - MIN_DIGITS) + `:${MAX_BATCH - 1}`.length;
