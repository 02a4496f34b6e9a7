/** A service that is only tried: cut off from the servers, keys and doors of the one that decides payments. */
import { resolve } from 'node:path';
import { type Config, SETTING_NAMES, type SettingName, SETTINGS } from '../config.ts';
import { DATABASE_SETTING_NAMES } from '../database-settings.ts';
import { KAFKA_SETTING_NAMES } from '../kafka-settings.ts';
import { REDIS_SETTING_NAMES } from '../redis-settings.ts';

/** What a payment of a trial would otherwise reach, and what would keep it out. */
const APART: readonly SettingName[] = [
  ...KAFKA_SETTING_NAMES,
  ...REDIS_SETTING_NAMES,
  ...DATABASE_SETTING_NAMES,
  'apiWorkers',
  'journalKey',
  'host',
  'keysFile',
  'tlsKeyFile',
  'tlsCertFile',
];

/** The same configuration with a journal in local files, for this machine alone; its directories are the caller's to choose. */
export function byItself(config: Config): Config {
  const defaults = Object.fromEntries(APART.map((name) => [name, SETTINGS[name].default]));
  return { ...config, ...defaults };
}

/** Every setting as a variable for a process of its own, empty where it is the default: what that finds in .env then counts for nothing. */
export function environmentOf(config: Config): Readonly<Record<string, string>> {
  const { policyFile } = config;
  const values: Config = { ...config, policyFile: policyFile === '' ? '' : resolve(policyFile) };
  return Object.fromEntries(
    SETTING_NAMES.map((name) => {
      const text = String(values[name]);
      return [SETTINGS[name].environment, text === String(SETTINGS[name].default) ? '' : text];
    }),
  );
}
