/** The page about sizes: what so many requests a minute take, computed from measured figures a payment. */

/** Microseconds of one core a payment, saturated. */
const EMBEDDED = {
  single: { process: 123, thread: 56 },
  batch: { process: 98, thread: 63 },
} as const;
const SHARED = { process: 363, thread: 188, leader: 80, projector: 54, kafka: 71, redis: 78, postgres: 85 } as const;
const STREAM = { process: 294, thread: 222, kafka: 86, redis: 76 } as const;
/** Payments a second that one worker, and two, decided. */
const STREAM_PER_SECOND = [2_928, 3_914] as const;
/** Bytes a record, without replicas. Ids and their answers on Redis last for `journal.exact_id_days`. */
const BYTES = { segments: 2_200, kafka: 2_440, postgres: 3_340, id: 20, sharedId: 150, entity: 261 } as const;
/** Decisions a second that the embedded ledger takes with a whole core. */
const EMBEDDED_LEDGER = 5_842;

/** Requests a minute, at the peak. */
const LEVELS = [1_000, 10_000, 30_000, 60_000, 100_000, 300_000, 1_000_000] as const;
/** A thread that is busier makes payments wait for each other. */
const BUSY_AT_MOST = 0.7;
/** The busiest minute against the mean of the day. */
const PEAK_TO_MEAN = 2.5;
const REPLICAS = 3;
const DAY_SECONDS = 86_400;
/** Share of a core that the ledger may take where nothing else is configured. */
const LEDGER_SHARE = 0.25;

/** Example prices, to be replaced by one's own: a core for an hour, a gigabyte on disk for a month. */
const PRICES = { coreHour: 0.04, gigabyteMonth: 0.1 } as const;
const MONTH_HOURS = 730;
/** Days that the topic is kept with a label delay of seven. */
const JOURNAL_DAYS = 41;

const rateOf = (aMinute: number): number => aMinute / 60;
const coresOf = (us: number, rate: number): number => (us * rate) / 1e6;
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const number = (value: number): string => (value < 1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : whole(value));
const percent = (share: number): string => (share < 0.01 ? 'under 1 %' : `${whole(100 * share)} %`);
const thread = (busy: number): string => (busy > BUSY_AT_MOST ? `**${percent(busy)}**` : percent(busy));

function bytes(count: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return `${number(count / 1_000 ** power)} ${units[power]}`;
}

/** What a mean day leaves behind. */
const aDay = (each: number, rate: number): number => (each * rate * DAY_SECONDS) / PEAK_TO_MEAN;

function table(heads: readonly string[], rowOf: (rate: number) => readonly string[]): string {
  const rows = LEVELS.map((level) => [whole(level), number(rateOf(level)), ...rowOf(rateOf(level))]);
  const all = [['requests a minute', 'a second', ...heads]];
  return [...all, all[0]!.map(() => '---:'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

const embedded = table(
  ['scoring thread', 'cores', 'ledger', 'journal a day', 'ids of a week', 'cost a month'],
  (rate) => {
    const ledger = rate / EMBEDDED_LEDGER;
    const cores = coresOf(EMBEDDED.single.process, rate) + Math.min(ledger, 1);
    const day = aDay(BYTES.segments, rate);
    return [
      thread(coresOf(EMBEDDED.single.thread, rate)),
      number(cores),
      ledger > 1 ? 'a server' : ledger > LEDGER_SHARE ? `\`cpu_share\` ${number(ledger)}` : percent(ledger),
      bytes(day),
      bytes(7 * aDay(BYTES.id, rate)),
      money(cores, JOURNAL_DAYS * day),
    ];
  },
);

const sharedCores = (rate: number): number => {
  const { process, projector, kafka, redis, postgres } = SHARED;
  return coresOf(process + projector + REPLICAS * kafka + redis + postgres, rate);
};

const shared = table(
  ['instances', 'their cores', 'Kafka ×3', 'PostgreSQL', 'Redis', 'leader', 'ledger', 'cores in all'],
  (rate) => [
    String(Math.max(2, Math.ceil(coresOf(SHARED.thread, rate) / BUSY_AT_MOST))),
    number(coresOf(SHARED.process, rate)),
    number(coresOf(REPLICAS * SHARED.kafka, rate)),
    number(coresOf(SHARED.postgres, rate)),
    thread(coresOf(SHARED.redis, rate)),
    thread(coresOf(SHARED.leader, rate)),
    thread(coresOf(SHARED.projector, rate)),
    number(sharedCores(rate)),
  ],
);

const left = table(['Kafka, 41 days ×3', 'Redis: ids of a week', 'PostgreSQL a month', 'cost a month'], (rate) => {
  const kafka = REPLICAS * JOURNAL_DAYS * aDay(BYTES.kafka, rate);
  const postgres = 30 * aDay(BYTES.postgres, rate);
  return [
    bytes(kafka),
    bytes(7 * aDay(BYTES.sharedId, rate)),
    bytes(postgres),
    money(sharedCores(rate), kafka + postgres),
  ];
});

const stream = table(['workers', 'partitions', 'their cores', 'Kafka', 'Redis'], (rate) => {
  const workers = Math.max(2, Math.ceil(coresOf(STREAM.thread, rate) / BUSY_AT_MOST));
  return [
    whole(workers),
    whole(Math.max(12, 2 * workers)),
    number(coresOf(STREAM.process, rate)),
    number(coresOf(STREAM.kafka, rate)),
    thread(coresOf(STREAM.redis, rate)),
  ];
});

function money(cores: number, stored: number): string {
  return `$${whole(cores * MONTH_HOURS * PRICES.coreHour + (stored / 1e9) * PRICES.gigabyteMonth)}`;
}

/** A minute's requests at which a thread of so many microseconds a payment is as busy as it may be. */
const limit = (us: number): string => whole((60 * BUSY_AT_MOST * 1e6) / us / 1_000) + ',000';

/** The page docs/explanation/capacity.md. */
export function capacityPage(): string {
  return `# Capacity

What 1,000 to 1,000,000 requests a minute take. Generated from \`scripts/pages/capacity.ts\`, which holds the measured figures and computes the
rest; put in your own and run \`npm run docs\`.

## What was measured

Two virtual cores on one machine, load generator, Kafka, Redis and PostgreSQL on them too, within one hour. Microseconds of processor a
payment, at saturation:

| | process | its busiest thread | Kafka | Redis | PostgreSQL | command |
|---|---:|---:|---:|---:|---:|---|
| one instance alone, single payments | ${EMBEDDED.single.process} | ${EMBEDDED.single.thread} | | | | \`sentinel bench serve\` |
| the same, batches of 100 | ${EMBEDDED.batch.process} | ${EMBEDDED.batch.thread} | | | | the same |
| an instance on servers, single payments | ${SHARED.process} | ${SHARED.thread} | ${SHARED.kafka} | ${SHARED.redis} | ${SHARED.postgres} | \`sentinel bench serve --mode services\` |
| a stream worker, exactly once | ${STREAM.process} | ${STREAM.thread} | ${STREAM.kafka} | ${STREAM.redis} | | \`sentinel bench stream\` |

Of the instance on servers ${SHARED.leader} µs are its leader thread, which follows the journal for all; writing the ledger takes a process beside it
${SHARED.projector} µs a record. A journal record takes ${whole(BYTES.segments)} bytes, in PostgreSQL with everything beside it ${whole(BYTES.postgres)};
an entity's profile ${BYTES.entity} bytes of memory, an id known ${BYTES.id} here and ${BYTES.sharedId} on Redis. The embedded ledger takes
${whole(EMBEDDED_LEDGER)} decisions a second with all of a core (\`sentinel bench ledger\`).

That machine was slow when both of its cores worked: in a quiet hour one instance alone took 97 and 40 µs for what is ${EMBEDDED.single.process} and
${EMBEDDED.single.thread} here. So the tables are for slow cores and everything on one machine; with cores of its own each server needs less.

## One process

For the busiest minute; bold is a thread above ${percent(BUSY_AT_MOST)}, at which payments wait for each other. A day holds
1/${PEAK_TO_MEAN} of what its busiest minute would make of it. Prices are examples: $${PRICES.coreHour} a core and hour, $${PRICES.gigabyteMonth.toFixed(2)} a gigabyte and month; journals
are kept for ${JOURNAL_DAYS} days.

${embedded}

- **The scoring thread** is the limit: one thread scores, so that there is one order. It holds to ${limit(EMBEDDED.single.thread)} requests a minute here; in
  batches to ${limit(EMBEDDED.batch.thread)}.
- Before that **the ledger** is: above ${whole(60 * LEDGER_SHARE * EMBEDDED_LEDGER)} a minute it falls behind with its quarter of a core and catches up at night; give it more
  (\`ledger.cpu_share\`) or a PostgreSQL server. Scoring never waits for it.
- **Memory**: ${BYTES.entity} bytes an entity; ten million customers with cards, devices and addresses (some 40 million entities) are ${bytes(40e6 * BYTES.entity)}.

## Several instances

Kafka, Redis and PostgreSQL shared by all. Cores are added up over all machines; Redis, the leader and the ledger's writer are one thread each.

${shared}

What lies on disks and in memory:

${left}

- **The leader and Redis are the bottlenecks**, one thread each, to ${limit(SHARED.leader)} and ${limit(SHARED.redis)} requests a minute on these cores. Where
  the leader's core is too busy, lists and evidence lag behind at the peak, decisions do not. Redis writes no files (\`appendonly no\`, \`save ""\`): it is
  rebuilt from the journal. Beyond that, split customers over installations, each with topics (\`KAFKA_TOPIC_PREFIX\`) and a primary of
  its own: an entity that both see is then two.
- Then the **ledger's writer** (${limit(SHARED.projector)}), which lags in the same way.
- **Ids** fill Redis before profiles do: \`journal.exact_id_days\` is how long a repeat gets its first answer.
- **Partitions** of the journal bound how many brokers share it; 12 are plenty for any row above.

## Messages

One worker decided ${whole(STREAM_PER_SECOND[0])} a second exactly once, two on the same two cores ${whole(STREAM_PER_SECOND[1])}.

${stream}

## What to change, step by step

| requests a minute | run | watch |
|---:|---|---|
| to 10,000 | one process, nothing else | nothing |
| to 30,000 | one process, \`DATABASE_URL\` for the ledger | \`sentinel_ledger_lag_records\` |
| to 100,000 | two instances for availability, or one process with a faster core and batches | the scoring thread: p99 against its mean |
| to 300,000 | instances on Kafka, Redis and PostgreSQL, each on its own machine; two installations where Redis' core is too busy | Redis' processor, \`sentinel_profile_retrieval_seconds\` |
| to 1,000,000 | several installations, customers split among them; a week of ids shortened to a day | the journal's disks |
`;
}
