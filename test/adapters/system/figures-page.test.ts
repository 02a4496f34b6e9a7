import { expect, it } from 'vitest';
import { openFiguresPage } from '../../../src/adapters/system/figures-page.ts';

it('shows figures, says that it lives and whether it is ready', async () => {
  let problem: string | undefined = 'Redis is away';
  const page = await openFiguresPage({
    host: '127.0.0.1',
    port: 0,
    metricsText: () => Promise.resolve('figure 1\n'),
    notReady: () => problem,
  });
  const get = async (path: string): Promise<string> => {
    const answer = await fetch(page.url + path);
    return `${answer.status} ${await answer.text()}`;
  };
  expect(await get('/metrics')).toBe('200 figure 1\n');
  expect(await get('/livez')).toBe('200 alive\n');
  expect(await get('/readyz')).toBe('503 Redis is away\n');
  problem = undefined;
  expect(await get('/readyz')).toBe('200 ready\n');
  expect(await get('/')).toMatch(/^404/);
  await expect(openFiguresPage({ host: '127.0.0.1', port: Number(new URL(page.url).port), metricsText: () => Promise.resolve(''), notReady: () => undefined })).rejects.toMatchObject({ code: 'PORT_UNAVAILABLE', message: expect.stringContaining('already in use') as string }); // prettier-ignore
  await page.close();
});
