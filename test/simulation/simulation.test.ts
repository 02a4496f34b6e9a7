/** Laws of the simulated stream. */
import { describe, expect, it } from 'vitest';
import { type LabelledTransaction } from '../../src/domain/labelled-transaction.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts';
import { CAMPAIGN_NAMES, CAMPAIGNS } from '../../src/simulation/campaigns.ts';
import { simulationOf } from '../../src/simulation/scale.ts';
import { createSimulation, expectedDurationMs, type SimulationOptions } from '../../src/simulation/simulation.ts';
import { createCampaignTally } from '../../src/simulation/tally.ts';
import { CARD_TYPES, CATEGORIES, DEVICE_TYPES, TRANSACTION_TYPES } from '../../src/simulation/vocabulary.ts';

function simulate(options: Partial<SimulationOptions> = {}): LabelledTransaction[] {
  return [...createSimulation(simulationOf({ seed: 3, transactions: 3_000, users: 300, ...options }))];
}

const OPTIONS = simulationOf({ seed: 1, transactions: 60_000 });
const rows = [...createSimulation(OPTIONS)];
const frauds = rows.filter(({ label }) => label?.isFraud === true);

describe('the simulation', () => {
  it('gives the same payments for the same seed and others for another', () => {
    expect(simulate()).toEqual(simulate());
    expect(simulate({ seed: 4 })[0]).not.toEqual(simulate()[0]);
  });

  it('makes as many payments as asked for, in order of time, under ids of their own', () => {
    expect(rows).toHaveLength(60_000);
    expect(new Set(rows.map(({ transaction }) => transaction.transactionId)).size).toBe(60_000);
    const fallen = rows.filter((row, index) => index > 0 && row.transaction.eventTimeMs < rows[index - 1]!.transaction.eventTimeMs); // prettier-ignore
    expect(fallen).toEqual([]);
    expect(rows[0]!.transaction.eventTimeMs).toBeGreaterThanOrEqual(OPTIONS.startMs);
  });

  it('gives other options other ids, short and without digits before the number', () => {
    const firstId = (options: Partial<SimulationOptions>) => simulate({ ...options, transactions: 1 })[0]!.transaction.transactionId; // prettier-ignore
    const startMs = Date.UTC(2031, 4, 3);
    const labelDelay = { medianMs: 1, sigma: 0, maximumMs: 2 };
    const others: Partial<SimulationOptions>[] = [{}, { seed: 4 }, { populationSeed: 4 }, { users: 301 }, { merchants: 7 }, { startMs }, { ratePerSecond: 9 }, { fraudShare: 0.1 }, { labelDelay }, { silenceMs: 5 }, { holdOut: { campaign: 'mule_ring', untilMs: startMs } }]; // prettier-ignore
    const seeds = Array.from({ length: 200 }, (_, index) => ({ seed: 1_000 + index, users: 1, merchants: 1 }));
    const ids = [...others, ...seeds].map(firstId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^t[a-z]{8}-1$/);
    expect(firstId({ populationSeed: 3 })).toBe(firstId({}));
  });

  it('makes them as they are asked for', () => {
    const endless = createSimulation(simulationOf({ seed: 1, transactions: Infinity }));
    expect(endless.next().done).toBe(false);
  });

  it('begins with the same payments however many are asked for', () => {
    expect(simulate({ transactions: 500 })).toEqual(simulate().slice(0, 500));
  });

  it('keeps the rate that was asked for', () => {
    const lasted = rows.at(-1)!.transaction.eventTimeMs - OPTIONS.startMs;
    expect(lasted / expectedDurationMs(OPTIONS)).toBeGreaterThan(0.9);
    expect(lasted / expectedDurationMs(OPTIONS)).toBeLessThan(1.1);
  });

  it('shifts in time as a whole', () => {
    const startMs = Date.UTC(2031, 4, 3, 7);
    const live = simulate({ startMs, ratePerSecond: 50 });
    expect(live[0]!.transaction.eventTimeMs - startMs).toBeLessThan(5_000);
    const seconds = (live.at(-1)!.transaction.eventTimeMs - startMs) / 1_000;
    expect(Math.abs(seconds - 60)).toBeLessThan(60); // 3,000 payments at 50/s; hours of the day differ in busyness
  });

  it('speaks the vocabulary and leaves out device and address at terminals only', () => {
    const words = (read: (row: LabelledTransaction) => string | undefined): string[] => [...new Set(rows.map(read))].map(String).toSorted(); // prettier-ignore
    expect(words((row) => row.transaction.merchantCategory)).toEqual([...CATEGORIES].toSorted());
    expect(words((row) => row.transaction.transactionType)).toEqual([...TRANSACTION_TYPES].toSorted());
    expect(words((row) => row.transaction.deviceType)).toEqual([...DEVICE_TYPES].toSorted());
    expect(words((row) => row.transaction.cardType)).toEqual([...CARD_TYPES].toSorted());
    const wrong = rows.filter(({ transaction: { deviceType, deviceId, ipAddress } }) => {
      const atTerminal = deviceType === 'pos_terminal';
      return atTerminal !== (deviceId === undefined) || atTerminal !== (ipAddress === undefined);
    });
    expect(wrong).toEqual([]);
  });

  it('has people sleep, rest and pay at home', () => {
    const hours = new Array<number>(24).fill(0);
    for (const { transaction: t } of rows) {
      const local = new Date(t.eventTimeMs + (t.longitude! / 15) * HOUR_MS).getUTCHours();
      hours[local]!++;
    }
    expect(hours[18]! / hours[3]!).toBeGreaterThan(5);
    const homes = new Map<string, Map<string, number>>();
    for (const { transaction: t } of rows) {
      const countries = homes.get(t.userId) ?? new Map<string, number>();
      homes.set(t.userId, countries.set(t.locationCountry!, (countries.get(t.locationCountry!) ?? 0) + 1));
    }
    const shares = [...homes.values()].map((map) => Math.max(...map.values()) / [...map.values()].reduce((a, b) => a + b)); // prettier-ignore
    expect(shares.reduce((a, b) => a + b) / shares.length).toBeGreaterThan(0.85);
  });
});

describe('labels', () => {
  it('of genuine payments arrive with silence, of frauds when somebody noticed', () => {
    const genuine = rows.filter(({ label }) => !label!.isFraud);
    expect(new Set(genuine.map(({ transaction, label }) => label!.arrivalMs - transaction.eventTimeMs))).toEqual(
      new Set([OPTIONS.silenceMs]),
    );
    const delays = frauds.map(({ transaction, label }) => label!.arrivalMs - transaction.eventTimeMs).toSorted((a, b) => a - b); // prettier-ignore
    expect(delays.at(-1)).toBeLessThanOrEqual(OPTIONS.labelDelay.maximumMs);
    const medianDays = delays[delays.length >> 1]! / DAY_MS;
    expect(medianDays).toBeGreaterThan(1.7);
    expect(medianDays).toBeLessThan(2.3);
  });

  it('follow the delay that is set', () => {
    const labelDelay = { medianMs: 5_000, sigma: 0, maximumMs: HOUR_MS };
    const late = simulate({ labelDelay, silenceMs: 9_000 });
    expect(new Set(late.map(({ transaction, label }) => label!.arrivalMs - transaction.eventTimeMs))).toEqual(
      new Set([5_000, 9_000]),
    );
  });
});

describe('fraud', () => {
  it('has the share asked for, none for 0', () => {
    expect(frauds.length / rows.length).toBeGreaterThan(0.018);
    expect(frauds.length / rows.length).toBeLessThan(0.022);
    const heavy = simulate({ fraudShare: 0.1, transactions: 20_000 });
    expect(heavy.filter(({ label }) => label!.isFraud).length / 20_000).toBeCloseTo(0.1, 1);
    expect(simulate({ fraudShare: 0 }).some(({ label }) => label!.isFraud)).toBe(false);
  });

  it.each([
    [{ fraudShare: 1 }, 'invalid fraudShare: 1'],
    [{ fraudShare: -0.5 }, 'invalid fraudShare: -0.5'],
    [{ ratePerSecond: 0 }, 'invalid ratePerSecond: 0'],
    [{ users: 0 }, 'invalid users: 0'],
    [{ merchants: 1.5 }, 'invalid merchants: 1.5'],
  ])('is refused, with all else, for %j', (given, message) => {
    expect(() => simulate(given)).toThrow(message);
  });

  it('is shared among the campaigns as the table says', () => {
    expect(CAMPAIGN_NAMES.reduce((sum, name) => sum + CAMPAIGNS[name].share, 0)).toBeCloseTo(1, 12);
    const tally = createCampaignTally();
    for (const row of rows) tally.add(row);
    expect([tally.payments(), tally.frauds()]).toEqual([rows.length, frauds.length]);
    expect(tally.campaigns().reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    for (const { campaign, share, tableShare } of tally.campaigns()) {
      expect([campaign, Math.abs(share / tableShare - 1) < 0.3]).toEqual([campaign, true]);
    }
  });

  it('of a campaign held out begins when it may', () => {
    const untilMs = OPTIONS.startMs + 20 * DAY_MS;
    const held = [...createSimulation({ ...OPTIONS, holdOut: { campaign: 'mule_ring', untilMs } })];
    const rings = held.filter(({ label }) => label!.campaign === 'mule_ring');
    expect(rings.length).toBeGreaterThan(20);
    expect(rings[0]!.transaction.eventTimeMs).toBeGreaterThanOrEqual(untilMs);
    expect(new Set(held.map(({ label }) => label!.campaign)).size).toBe(CAMPAIGN_NAMES.length + 1);
  });

  it('is not given away by any two columns of the payment itself', () => {
    const sorted = rows.map(({ transaction }) => transaction.amountMinor).toSorted((a, b) => a - b);
    const cuts = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999].map((share) => sorted[Math.floor(share * sorted.length)]!);
    const columns: ((row: LabelledTransaction) => unknown)[] = [
      ({ transaction: t }) => cuts.findLastIndex((cut) => t.amountMinor >= cut),
      ({ transaction: t }) => t.amountMinor < 500,
      ({ transaction: t }) => t.merchantCategory,
      ({ transaction: t }) => t.transactionType,
      ({ transaction: t }) => t.deviceType,
      ({ transaction: t }) => t.cardType,
      ({ transaction: t }) => t.locationCountry,
      ({ transaction: t }) => t.emailDomain,
      ({ transaction: t }) => new Date(t.eventTimeMs).getUTCHours(),
    ];
    const values = columns.map((read) => rows.map((row) => String(read(row))));
    const middle = rows.length / 2;
    // Average precision in the second half when payments are ranked by their cell’s fraud rate in the first.
    for (const [index, first] of values.entries()) {
      for (const second of values.slice(index + 1)) {
        const cells = new Map<string, { all: number; fraud: number }[]>();
        for (const [row, { label }] of rows.entries()) {
          const key = `${first[row]} ${second[row]}`;
          const cell = cells.get(key) ?? [{ all: 0, fraud: 0 }, { all: 0, fraud: 0 }]; // prettier-ignore
          cells.set(key, cell);
          const half = cell[row < middle ? 0 : 1]!;
          half.all++;
          if (label!.isFraud) half.fraud++;
        }
        const ranked = [...cells.values()].toSorted(([a], [b]) => b!.fraud / (b!.all || 1) - a!.fraud / (a!.all || 1));
        const total = ranked.reduce((sum, [, late]) => sum + late!.fraud, 0);
        let [all, caught, averagePrecision] = [0, 0, 0];
        for (const [, late] of ranked) {
          all += late!.all;
          caught += late!.fraud;
          if (late!.fraud > 0) averagePrecision += (late!.fraud / total) * (caught / all);
        }
        expect(averagePrecision).toBeLessThan(0.2);
      }
    }
  });
});
