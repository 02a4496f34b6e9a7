/** A row of the second file of the IEEE-CIS shape: what is known of the connection and the device. */
import { type Random } from '../../stats/random.ts';
import { IDENTITY_MISSING } from './missing.ts';
import { pick } from './pick.ts';

const even = <T>(values: readonly T[]) => values.map((value) => ({ value, weight: 1 / values.length }));

const DEVICES = [
  { value: { info: 'Windows', system: 'Windows 10', browser: 'chrome 63.0', screen: '1920x1080', type: 'desktop' }, weight: 0.46 },
  { value: { info: 'iOS Device', system: 'iOS 11.2.1', browser: 'mobile safari 11.0', screen: '1334x750', type: 'mobile' }, weight: 0.2 },
  { value: { info: 'MacOS', system: 'Mac OS X 10_11_6', browser: 'safari generic', screen: '2560x1600', type: 'desktop' }, weight: 0.12 },
  { value: { info: 'Trident/7.0', system: 'Windows 7', browser: 'ie 11.0 for desktop', screen: '1366x768', type: 'desktop' }, weight: 0.08 },
  { value: { info: 'SM-G930V Build/NRD90M', system: 'Android 7.0', browser: 'samsung browser 6.2', screen: '2220x1080', type: 'mobile' }, weight: 0.08 },
  { value: { info: 'Moto G Play', system: 'Android 6.0.1', browser: 'chrome 62.0 for android', screen: '1280x720', type: 'mobile' }, weight: 0.06 },
] as const; // prettier-ignore

const FOUND = even(['Found', 'NotFound', 'New']);
const MATCH = even(['match_status:0', 'match_status:1', 'match_status:2', 'match_status:-1']);
const PROXY = even(['IP_PROXY:TRANSPARENT', 'IP_PROXY:ANONYMOUS', 'IP_PROXY:HIDDEN']);
const YES = even(['T', 'F']);

/** Columns by number whose values are texts of a list; those of a device come from the device. */
const LISTS: Readonly<Record<number, readonly { readonly value: string; readonly weight: number }[]>> = {
  12: FOUND, 15: FOUND, 16: FOUND, 23: PROXY, 27: FOUND, 28: FOUND, 29: FOUND, 34: MATCH, 35: YES, 36: YES, 37: YES, 38: YES,
}; // prettier-ignore

/** The cells after the id, each after a comma. */
export function identityCells(random: Random, isFraud: boolean): string {
  const { value: device } = pick(random, DEVICES);
  let cells = '';
  IDENTITY_MISSING.forEach((share, index) => {
    cells += ',';
    if (random.next() >= share) cells += cell(random, index + 1, device, isFraud);
  });
  return cells;
}

function cell(random: Random, column: number, device: (typeof DEVICES)[number]['value'], isFraud: boolean): string {
  const list = LISTS[column];
  if (list !== undefined) return pick(random, list).value;
  switch (column) {
    case 1:
      return `-${(isFraud ? 5 : 0) + 5 * random.integer(5)}.0`;
    case 2:
      return `${Math.floor(random.exponential(170_000))}.0`;
    case 30:
      return device.system;
    case 31:
      return device.browser;
    case 32:
      return random.next() < 0.6 ? '24.0' : '32.0';
    case 33:
      return device.screen;
    case 39:
      return device.type;
    case 40:
      return device.info;
    default:
      return `${random.integer(4 + 8 * column)}.0`;
  }
}
