/** The rows of the ledger, by plain SQL. */
import { Client } from 'pg';
import { JOURNAL_SOURCE } from '../../../src/ledger/source.ts';

export interface LedgerRow {
  readonly seq: number;
  readonly transactionId: string;
  readonly outcome: string;
  readonly probability: number;
}

export interface ReadLedger {
  readonly decisions: readonly LedgerRow[];
  /** Answers given by decisions themselves, in prediction_logs; and those given again. */
  readonly answers: number;
  readonly repeats: number;
  readonly labels: number;
}

async function asking<T>(url: string, ask: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await ask(client);
  } finally {
    await client.end();
  }
}

/** Up to which seq the journal is projected. */
export function ledgerPosition(url: string): Promise<number> {
  return asking(url, async (client) => {
    const sql = 'select position from ledger_positions where source = $1';
    const { rows } = await client.query<{ position: string }>(sql, [JOURNAL_SOURCE]);
    return Number(rows[0]?.position ?? 0);
  });
}

export function readLedger(url: string): Promise<ReadLedger> {
  return asking(url, async (client) => {
    const { rows } = await client.query<{ seq: string; transaction_id: string; decision: string; probability: number }>(
      'select seq, transaction_id, decision, probability from transactions',
    );
    const count = async (what: string): Promise<number> =>
      Number((await client.query<{ count: string }>(`select count(*) from ${what}`)).rows[0]!.count);
    return {
      decisions: rows.map(({ seq, transaction_id: transactionId, decision, probability }) => ({
        seq: Number(seq),
        transactionId,
        outcome: decision,
        probability,
      })),
      answers: await count('prediction_logs where not cache_hit'),
      repeats: await count('prediction_logs where cache_hit'),
      labels: await count('labels'),
    };
  });
}
