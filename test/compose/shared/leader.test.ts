import { describe, expect, it } from 'vitest';
import { startLeader } from '../../../src/compose/shared/leader.ts';
import { plainSettings } from '../../../src/features/settings.ts';
import { DAY_MS } from '../../../src/domain/time.ts';
import { type Log } from '../../../src/ports/log.ts';
import { aDirectory } from '../../support/directories.ts';
import { aConfig } from '../../support/services.ts';

describe('the thread that may lead', () => {
  it('takes nobody along when it cannot reach its servers, and says so', async () => {
    const said: string[] = [];
    const say = (_: object, text: string): void => void said.push(text);
    const log = { info: say, warn: say, error: say } as unknown as Log;
    const config = aConfig(aDirectory(), aDirectory(), {
      kafkaBrokers: '127.0.0.1:1',
      redisUrl: 'redis://127.0.0.1:1',
    });
    const settings = plainSettings({
      catalogue: 'sentinel',
      labelDelayMs: 14 * DAY_MS,
      utcOffsetMinutes: 0,
      merchantWindows: 'tiles',
    });
    const leader = startLeader({ config, settings }, log);
    await expect
      .poll(() => said, { timeout: 30_000 })
      .toContain('the thread that may lead failed; it is started again');
    await leader.stop();
  });
});
