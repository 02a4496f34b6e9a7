import { expect, it } from 'vitest';
import { inputsPart } from '../../src/usecases/describe-run.ts';

it.each([
  ['data/payments.csv', 'payments.csv'],
  ['data/payments (1).csv', 'payments -1-.csv'],
  ['données.csv', 'donn-es.csv'],
  ['.hidden.csv', 'hidden.csv'],
  ['<img src=x>.csv', 'img src-x-.csv'],
  ['支付', 'input'],
])('keeps the pointer to %s under a name that every file system takes, and the real name in it', (path, name) => {
  const { artifacts } = inputsPart([{ path, bytes: 3, md5: 'ab'.repeat(16), sha256: 'cd'.repeat(32) }]);
  const [[kept, bytes]] = [...artifacts!] as [[string, Uint8Array]];
  expect(kept).toBe(`inputs/${name}.dvc`);
  expect(new TextDecoder().decode(bytes)).toContain(path.split('/').at(-1));
});
