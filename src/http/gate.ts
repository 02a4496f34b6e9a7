/** The gate before every route: name asked, shutting down, key, role, rate; and the bound on payments and labels in flight. */
import { type FastifyRequest } from 'fastify';
import { isLoopbackAuthority } from '../access/exposure.ts';
import { presentedKey } from '../access/keys.ts';
import { HOLDERS, type Permission } from '../access/roles.ts';
import { SentinelError } from '../domain/errors.ts';
import { createLeasedLimiter } from './leased-limiter.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';
import { type ServerDeps } from './server-deps.ts';

/** The bucket of everyone when no keys are in use. */
const ANYONE = 'anyone';

export interface Gate {
  readonly isClosing: boolean;
  /** From now on nothing new is let in. */
  close(): void;
  /** Calls `listener` once when the gate closes; returns the way to withdraw it. */
  onClose(listener: () => void): () => void;
  /**
   * Throws FOREIGN_HOST when there are no keys and the Host header, if any, names another machine: a page of any site
   * could have its own name lead here.
   */
  checkHost(host: string | undefined): void;
  /** The name of the caller; throws SHUTTING_DOWN, UNAUTHENTICATED or FORBIDDEN. */
  identify(request: FastifyRequest, permission: Permission): string;
  /** Throws RATE_LIMITED when the caller makes too many calls. */
  limit(caller: string, calls: number): void;
  /** Throws OVERLOADED when there is no room for so many: asked before they are read, which costs more than refusing them. */
  checkRoom(count: number): void;
  /** Takes room for payments or labels; throws OVERLOADED when there is none. Give it back with `leave`. */
  enter(count: number): void;
  /** Takes room for one payment and a call of the caller when both are to be had, else neither; whether it did. */
  tryAdmit(caller: string): boolean;
  leave(count: number): void;
}

/** Throws UNAUTHENTICATED for no or an unknown key, FORBIDDEN for a role without the permission. */
function checkKey(request: FastifyRequest, keys: ServerDeps['keys'], permission: Permission): string {
  if (keys.isEmpty) return ANYONE;
  const key = presentedKey(request.headers.authorization, request.headers['x-api-key']);
  const entry = key === undefined ? undefined : keys.find(key);
  if (entry === undefined) throw new SentinelError('UNAUTHENTICATED');
  const holders = HOLDERS[permission];
  if (!holders.includes(entry.role)) {
    throw new SentinelError('FORBIDDEN', { role: entry.role, needed: holders.join(' or ') });
  }
  return entry.name;
}

function limiterOf({ limits, clock, leaseCalls }: Pick<ServerDeps, 'limits' | 'clock' | 'leaseCalls'>): RateLimiter {
  const { requestsPerSecond } = limits;
  const { monotonicUs } = clock;
  const local = createRateLimiter(requestsPerSecond, monotonicUs);
  if (requestsPerSecond === undefined || leaseCalls === undefined) return local;
  return createLeasedLimiter(requestsPerSecond, { local, lease: leaseCalls, monotonicUs });
}

export function createGate(deps: Pick<ServerDeps, 'keys' | 'limits' | 'clock' | 'leaseCalls'>): Gate {
  const { keys, limits } = deps;
  const limiter = limiterOf(deps);
  const listeners = new Set<() => void>();
  let closing = false;
  let inFlight = 0;
  // A batch larger than the bound gets in when it is alone, or it never would.
  const hasRoom = (count: number): boolean => inFlight + count <= limits.maxInFlight || inFlight === 0;
  const tryEnter = (count: number): boolean => {
    if (!hasRoom(count)) return false;
    inFlight += count;
    return true;
  };
  const leave = (count: number): void => {
    inFlight -= count;
  };
  return {
    get isClosing() {
      return closing;
    },
    close() {
      closing = true;
      for (const listener of listeners) listener();
      listeners.clear();
    },
    onClose(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    checkHost(host) {
      if (keys.isEmpty && host !== undefined && !isLoopbackAuthority(host)) throw new SentinelError('FOREIGN_HOST');
    },
    identify(request, permission) {
      if (closing) throw new SentinelError('SHUTTING_DOWN');
      return checkKey(request, keys, permission);
    },
    limit(caller, calls) {
      if (!limiter.take(caller, calls)) {
        const waitSeconds = limiter.waitSeconds(caller);
        throw new SentinelError('RATE_LIMITED', { limit: limits.requestsPerSecond ?? 0, waitSeconds });
      }
    },
    checkRoom(count) {
      if (!hasRoom(count)) throw new SentinelError('OVERLOADED');
    },
    enter(count) {
      if (!tryEnter(count)) throw new SentinelError('OVERLOADED');
    },
    tryAdmit(caller) {
      if (!tryEnter(1)) return false;
      if (limiter.take(caller, 1)) return true;
      leave(1);
      return false;
    },
    leave,
  };
}
