/** A socket bound by one process, to be listened on by others that inherit it. */
import { lookup } from 'node:dns/promises';
import net, { type AddressInfo } from 'node:net';
import { SentinelError } from '../../domain/errors.ts';

export interface BoundSocket {
  readonly fd: number;
  readonly port: number;
  close(): void;
}

interface Handle {
  readonly fd: number;
  getsockname(address: Partial<AddressInfo>): number;
  close(): void;
}

/** What Node’s own `cluster` binds with; a public `listen` would also accept connections here. */
type CreateHandle = (address: string, port: number, family: 4 | 6, fd: undefined, flags: number) => Handle | number;

const INHERITED_FLAGS = 0;

/** Throws PORT_UNAVAILABLE. Whether another process listens there is seen only when someone listens. */
export async function bindSocket(host: string, port: number): Promise<BoundSocket> {
  const { address, family } = await lookup(host);
  const { _createServerHandle: create } = net as unknown as { readonly _createServerHandle: CreateHandle };
  const handle = create(address, port, family === 6 ? 6 : 4, undefined, INHERITED_FLAGS);
  if (typeof handle === 'number') {
    throw new SentinelError('PORT_UNAVAILABLE', { host, port, problem: `it cannot be bound (error ${-handle})` });
  }
  const bound: Partial<AddressInfo> = {};
  handle.getsockname(bound);
  return { fd: handle.fd, port: bound.port ?? port, close: () => handle.close() };
}
