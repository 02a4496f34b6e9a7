/** What every server is set to, here and in deploy/compose.yaml; a test holds the two equal. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
export const SETTINGS = JSON.parse(readFileSync(join(import.meta.dirname, 'settings.json'), 'utf8'));
export const LOOPBACK = '127.0.0.1';
