/** Refuses a list of what is no IP address under the kind ip: payments carry single addresses, so it would never be met. */
import { type Lists } from './lists.ts';
import { invalid } from './read.ts';

/** Whether a payment may carry the text as its IP address (the edge hands it in). */
export type IsIpAddress = (text: string) => boolean;

/** Throws POLICY_INVALID with the place. Not for policies on record, as with card numbers. */
export function refuseUnmetAddresses(lists: Lists, isIpAddress: IsIpAddress): void {
  for (const name of ['allow', 'block'] as const) {
    lists[name].forEach(({ kind, id }, index) => {
      if (kind !== 'ip' || isIpAddress(id)) return;
      throw invalid(
        `lists.${name}[${index}].id`,
        `${id} is no IPv4 or IPv6 address, so no payment comes from it; a network is met by a rule, for instance starts_with(ip_address, "10.0.")`,
      );
    });
  }
}
