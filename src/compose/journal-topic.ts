/** The name of the topic that is the journal. */
import { JOURNAL_TOPIC } from '../adapters/kafka/envelope.ts';
import { type KafkaCluster } from '../kafka-settings.ts';

export const journalTopicOf = ({ prefix }: Pick<KafkaCluster, 'prefix'>): string => prefix + JOURNAL_TOPIC;
