/** What operators are told, as events with fields. */

type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  /** `error` among the fields is written with its cause. */
  error(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
}
