/** Databases that no other test has, on a PostgreSQL server they share. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/** Runs SQL on the database at `url`; resolves to its rows. */
export async function query<Row extends object>(url: string, statement: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** An empty database; its address. */
export async function aDatabase(serverUrl: string): Promise<string> {
  const url = new URL(serverUrl);
  url.pathname = `/${randomUUID()}`;
  await query(serverUrl, `create database "${url.pathname.slice(1)}"`);
  return url.href;
}
