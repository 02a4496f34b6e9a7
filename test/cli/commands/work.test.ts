import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { ran } from '../../support/command-lines.ts';

describe('sentinel work', () => {
  it('offers what a stream worker reads and nothing of the HTTP server', async () => {
    const { out } = await ran('work --help', COMMANDS);
    const offered = new Set([...out.matchAll(/^ {2}(--[a-z-]+)/gm)].map((match) => match[1]));
    const read = ['--kafka-brokers', '--kafka-group', '--redis-host', '--database-host', '--ledger', '--data-dir', '--models-dir', '--policy-file', '--exact-id-days', '--snapshot-every-records', '--deadline-ms', '--log-level', '--host', '--worker-port']; // prettier-ignore
    expect(read.filter((flag) => !offered.has(flag))).toEqual([]);
    const unread = ['--port', '--tls-key-file', '--tls-cert-file', '--cors-origins', '--keys-file', '--body-limit-bytes', '--batch-limit-bytes', '--in-flight-limit', '--rate-limit-per-second', '--api-workers', '--segment-mib']; // prettier-ignore
    expect(unread.filter((flag) => offered.has(flag))).toEqual([]);
  });
});
