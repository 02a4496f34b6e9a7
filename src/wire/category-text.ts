/** The word behind a categorical feature: the record's vector holds only its hash. */
import { type AttributeCategory, attributeText } from '../domain/attribute-text.ts';
import { type Transaction } from '../domain/transaction.ts';

/** What the payment says for the categorical feature `name`, read from an attribute if one is given; undefined when it says nothing. */
export function categoryText(name: string, transaction: Transaction, from?: AttributeCategory): string | undefined {
  if (from !== undefined) return attributeText(transaction, from);
  switch (name) {
    case 'merchant_category':
      return transaction.merchantCategory;
    case 'transaction_type':
      return transaction.transactionType;
    case 'device_type':
      return transaction.deviceType;
    case 'card_type':
      return transaction.cardType;
    case 'location_country':
      return transaction.locationCountry;
    case 'currency':
      return transaction.currency;
    default:
      return undefined;
  }
}
