/** What the store tells its operator. Shaped as pino's logger, so that one fits. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const nothing = (): void => {};

export const silent: Log = { info: nothing, warn: nothing, error: nothing };
