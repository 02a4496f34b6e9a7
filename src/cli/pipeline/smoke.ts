/** The phase smoke: the service as it would start, deciding one payment, in a directory of its own. */
import { createLog } from '../../adapters/pino/log.ts';
import { startService } from '../../compose/service.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type CommandInput } from '../command.ts';
import { withScratch } from '../scratch.ts';
import { byItself } from '../service-by-itself.ts';

const PAYMENT = {
  transaction_id: 'smoke',
  user_id: 'user_1',
  amount: 12.34,
  merchant_id: 'merchant_1',
  merchant_category: 'grocery',
  transaction_type: 'purchase',
};

/** Resolves to what the service answered; SERVICE_REFUSED when it was no decision. */
export async function smoke({ config }: CommandInput): Promise<string> {
  return await withScratch('smoke', async (dataDir) => {
    const settings = { ...byItself(config()), dataDir, port: 0, ledger: false };
    const service = await startService(settings, createLog('error'));
    try {
      const url = `${service.url}/api/v1/predict`;
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(PAYMENT) });
      const body = (await response.json()) as Readonly<Record<string, unknown>>;
      if (response.status !== 200 || body['model_version'] !== service.modelVersion) {
        const problem = JSON.stringify(body);
        throw new SentinelError('SERVICE_REFUSED', { url, status: response.status, problem });
      }
      return `${service.modelVersion} decided: ${String(body['decision'])}, score ${String(body['fraud_score'])}`;
    } finally {
      await service.close();
    }
  });
}
