/** What history is kept by: the five kinds of entity a payment names. */
import { type Transaction } from './transaction.ts';

export const ENTITY_KINDS = ['user', 'card', 'device', 'ip', 'merchant'] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

/** The id under which `kind` appears in the payment; undefined when the payment does not name one. */
export function entityId(transaction: Transaction, kind: EntityKind): string | undefined {
  switch (kind) {
    case 'user':
      return transaction.userId;
    case 'card':
      return transaction.cardId;
    case 'device':
      return transaction.deviceId;
    case 'ip':
      return transaction.ipAddress;
    case 'merchant':
      return transaction.merchantId;
  }
}
