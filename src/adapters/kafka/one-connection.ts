/**
 * One socket for each of kafkajs's connections.
 *
 * kafkajs 2.2.4 opens a socket for every request that finds its connection closed, keeps the last and forgets the others,
 * which stay open: after an outage a process keeps dozens of them, and cannot end. Import this file before kafkajs.
 */
import { createRequire } from 'node:module';
import { type Socket } from 'node:net';

interface Connection {
  socket?: Socket | null;
  connecting?: Promise<unknown> | undefined;
  isConnected(): boolean;
  connect(): Promise<unknown>;
}

const require = createRequire(import.meta.url);
const { prototype } = require('kafkajs/src/network/connection.js') as { readonly prototype: Connection };
const { connect } = prototype;

prototype.connect = function (): Promise<unknown> {
  if (this.isConnected()) return Promise.resolve(true);
  if (this.connecting === undefined) {
    this.socket?.destroy(); // of a connection that was lost
    this.connecting = connect.call(this).finally(() => (this.connecting = undefined));
  }
  return this.connecting;
};
