import { expect, it } from 'vitest';
import { mergeMetrics } from '../../../src/adapters/prometheus/merge-metrics.ts';

const textOf = (count: number): string => `# HELP requests Requests
# TYPE requests counter
requests{route="/a b"} ${count}

# HELP up Up
# TYPE up gauge
up 1
`;

it('keeps samples of one metric together and says of each which process it is from', () => {
  expect(mergeMetrics(new Map([['1', textOf(5)], ['2', textOf(7)]]), 'worker')).toBe(`# HELP requests Requests
# TYPE requests counter
requests{worker="1",route="/a b"} 5
requests{worker="2",route="/a b"} 7

# HELP up Up
# TYPE up gauge
up{worker="1"} 1
up{worker="2"} 1
`); // prettier-ignore
});
