/** Where the ledger's records come from, as its positions name it. */

/** The journal of this process; its positions are the `seq` of its records. */
export const JOURNAL_SOURCE = 'journal';
