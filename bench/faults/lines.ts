/** The lines between the program and its servers, each to be slowed, silenced and cut. */
import { aTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { type ServerAddresses, type ServerName } from '../own-servers.ts';

export interface Lines {
  readonly line: Readonly<Record<ServerName, TcpProxy>>;
  /** Settings that lead a process to the servers, by the lines named and directly to the others. */
  settings(by: readonly ServerName[]): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));

function by(line: TcpProxy, url: string): string {
  const through = new URL(url);
  through.port = String(line.port);
  return through.href;
}

export async function openLines({ broker, kafkaLine, redis, postgres }: ServerAddresses): Promise<Lines> {
  const line = {
    kafka: await aTcpProxy(portOf(kafkaLine.broker), portOf(kafkaLine.line)),
    redis: await aTcpProxy(Number(new URL(redis).port)),
    postgres: await aTcpProxy(Number(new URL(postgres).port)),
  };
  return {
    line,
    settings: (names) => ({
      KAFKA_BROKERS: names.includes('kafka') ? kafkaLine.line : broker,
      REDIS_URL: names.includes('redis') ? by(line.redis, redis) : redis,
      DATABASE_URL: names.includes('postgres') ? by(line.postgres, postgres) : postgres,
    }),
    close: async () => void (await Promise.all(Object.values(line).map((each) => each.close()))),
  };
}
