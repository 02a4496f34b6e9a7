/** sentinel label: what a payment turned out to be, told to a running service. */
import { LABEL_SOURCES } from '../../domain/label.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type Command } from '../command.ts';
import { createServiceClient } from '../service-client.ts';

/** The service's receipt. */
interface Labelled {
  readonly transaction_id: string;
  readonly status: 'recorded' | 'waiting';
  readonly in_force: { readonly is_fraud: boolean; readonly source: string };
}

export const command: Command<Labelled> = {
  arguments: [{ name: 'id', required: true, sentence: 'The transaction id.' }],
  options: [
    { name: 'fraud', type: 'flag', sentence: 'It was fraud.' },
    { name: 'genuine', type: 'flag', sentence: 'It was genuine.' },
    { name: 'source', type: 'text', value: 'WHO', default: 'analyst', choices: LABEL_SOURCES, sentence: 'Who says so; chargeback outranks analyst outranks customer.' },
    { name: 'campaign', type: 'text', value: 'NAME', sentence: 'The campaign or case it belongs to.' },
  ], // prettier-ignore
  settings: ['serviceUrl', 'host', 'port', 'tlsCertFile', 'apiKey'],
  example: 'sentinel label tx-1 --fraud --source chargeback',
  async run({ given, config, signal }) {
    if (given.flag('fraud') === given.flag('genuine')) {
      throw new SentinelError('USAGE', { problem: 'give one of --fraud and --genuine' });
    }
    const campaign = given.optionalText('campaign');
    const body = {
      transaction_id: given.text('id'),
      is_fraud: given.flag('fraud'),
      source: given.text('source'),
      ...(campaign !== undefined && { campaign }),
    };
    return (await createServiceClient(config()).post('/api/v1/labels', body, signal)) as Labelled; // the route's schema
  },
  render: ({ transaction_id: id, status, in_force: inForce }) =>
    `${id}: ${status === 'recorded' ? 'recorded' : 'kept until its payment comes'}; in force: ${inForce.is_fraud ? 'fraud' : 'genuine'} by ${inForce.source}`,
};
