/** What doctor finds of one part: how it is, and what to do where it is wrong. */

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly finding: string;
  /** What to do; present unless ok. */
  readonly remedy?: string;
}

export type Finding = Omit<Check, 'name'>;

export const ok = (finding: string): Finding => ({ status: 'ok', finding });
export const warn = (finding: string, remedy: string): Finding => ({ status: 'warn', finding, remedy });
export const fail = (finding: string, remedy: string): Finding => ({ status: 'fail', finding, remedy });
