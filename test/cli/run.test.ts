import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Command, type CommandInput } from '../../src/cli/command.ts';
import { SentinelError } from '../../src/domain/errors.ts';
import { entry, ran, type Ran } from '../support/command-lines.ts';

const directory = mkdtempSync(join(tmpdir(), 'sentinel-cli-'));
const file = join(directory, 'file');
writeFileSync(file, '');
afterAll(() => rmSync(directory, { recursive: true }));

function aCommand(run: (input: CommandInput) => unknown, overrides: Partial<Command> = {}): Command {
  return {
    example: 'sentinel weigh scale.csv',
    run: (input) => Promise.resolve().then(() => run(input)),
    render: (result) => `rendered ${JSON.stringify(result)}`,
    ...overrides,
  };
}

const weigh = aCommand(
  ({ given }) => ({
    file: given.text('file'),
    others: given.texts('others'),
    rows: given.number('rows'),
    rate: given.optionalNumber('rate'),
    format: given.optionalText('format'),
    quick: given.flag('quick'),
  }),
  {
    arguments: [
      { name: 'file', sentence: 'What to weigh.', required: true },
      { name: 'others', sentence: 'More of it.', required: false, many: true },
    ],
    options: [
      { name: 'rows', type: 'whole number', value: 'N', default: 100, minimum: 1, maximum: 1_000, sentence: 'Rows.' },
      { name: 'rate', type: 'number', value: 'R', minimum: 0, sentence: 'Rate.' },
      { name: 'format', type: 'text', value: 'NAME', choices: ['csv', 'parquet'], sentence: 'Format.' },
      { name: 'quick', type: 'flag', sentence: 'Skip the rest.' },
    ],
  },
);
const TABLE = [
  entry('weigh', weigh),
  entry(
    'ledger',
    aCommand(() => 'ledger'),
  ),
  entry(
    'ledger rebuild',
    aCommand(() => 'rebuilt'),
  ),
  entry(
    'quiet',
    aCommand(() => undefined),
  ),
  entry(
    'check',
    aCommand(() => ({ differences: 2 }), { hasFailed: () => true }),
  ),
  entry(
    'settled',
    aCommand(({ config }) => config(), { settings: ['port', 'dataDir', 'tokenKey'] }),
  ),
];
const result = (out: Ran): unknown => JSON.parse(out.out);

describe('a command', () => {
  it('gets its arguments and options, parsed, with defaults', async () => {
    expect(result(await ran('weigh a.csv --json', TABLE))).toEqual({
      file: 'a.csv',
      others: [],
      rows: 100,
      quick: false,
    });
    const all = await ran('weigh a.csv b c --rows 5 --rate 0.5 --format csv --quick --json', TABLE);
    expect(result(all)).toEqual({ file: 'a.csv', others: ['b', 'c'], rows: 5, rate: 0.5, format: 'csv', quick: true });
    expect(all.exitCode).toBe(0);
    expect(all.err).toBe('');
  });

  it('prints its result for people, or as JSON, or nothing', async () => {
    expect(await ran('ledger rebuild', TABLE)).toEqual({ exitCode: 0, out: 'rendered "rebuilt"\n', err: '' });
    expect((await ran('ledger rebuild --json', TABLE)).out).toBe('"rebuilt"\n');
    expect((await ran('ledger', TABLE)).out).toBe('rendered "ledger"\n');
    expect(await ran('quiet --json', TABLE)).toEqual({ exitCode: 0, out: '', err: '' });
  });

  it('exits 1 with its result when the answer is no', async () => {
    expect(await ran('check --json', TABLE)).toEqual({ exitCode: 1, out: '{"differences":2}\n', err: '' });
  });

  it('takes no value of an option for the second word of another’s name', async () => {
    const table = [...TABLE, entry('weigh csv', aCommand(() => 'weighed'))]; // prettier-ignore
    expect((await ran('weigh csv', table)).out).toBe('rendered "weighed"\n');
    expect(result(await ran('weigh --format csv a.csv --json', table))).toMatchObject({ file: 'a.csv', format: 'csv' });
  });

  it('is loaded only when called', async () => {
    const table = [...TABLE, { name: 'heavy', summary: 'Slow.', load: () => Promise.reject(new Error('loaded')) }];
    expect((await ran('--help', table)).out).toContain('heavy');
    expect((await ran('quiet', table)).exitCode).toBe(0);
    expect((await ran('heavy', table)).err).toContain('loaded');
  });

  it('cannot ask for what it does not declare', async () => {
    const careless = entry(
      'careless',
      aCommand(({ given }) => given.text('nothing')),
    );
    expect((await ran('careless', [careless])).err).toContain('declares no nothing');
  });
});

describe('help', () => {
  it('lists the commands with their summaries in the order of the table', async () => {
    const { out, exitCode } = await ran('--help', TABLE);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/weigh[^\n]*The command weigh\.[\s\S]*ledger[\s\S]*check/);
  });

  it('of a command shows types, defaults, settings and an example', async () => {
    const { out } = await ran('weigh --help', TABLE);
    expect(out).toContain('Usage: sentinel weigh [options] <file> [others...]');
    expect(out).toContain('--rows <N>');
    expect(out).toMatch(/Rows\. \(whole\s+number\) \(default:\s+100\)/);
    expect(out).toMatch(/Example:\n {2}sentinel weigh scale\.csv/);
    expect((await ran('settled --help', TABLE)).out).toMatch(/--port <value>[\s\S]*The port to listen on/);
    expect((await ran('ledger --help', TABLE)).out).toContain('rebuild');
  });

  it('does not offer secrets as flags', async () => {
    expect((await ran('settled --help', TABLE)).out).not.toContain('token');
  });

  it('tells the version', async () => {
    expect(await ran('--version', TABLE)).toEqual({ exitCode: 0, out: '9.9.9\n', err: '' });
  });
});

describe('misuse', () => {
  it.each([
    ['', 'no command given', 'sentinel --help'],
    ['wiegh a', "unknown command 'wiegh'", 'Did you mean weigh?'],
    ['weigh', "missing required argument 'file'", 'sentinel weigh --help'],
    ['weigh a --rows many', '--rows: expected a whole number from 1 to 1000, got "many"', 'sentinel weigh --help'],
    ['weigh a --rows 1.5', '--rows: expected a whole number', 'sentinel weigh --help'],
    ['weigh a --rows 0', '--rows: expected a whole number from 1 to 1000, got "0"', 'sentinel weigh --help'],
    ['weigh a --rate -1', '--rate: expected a number of at least 0', 'sentinel weigh --help'],
    ['weigh a --format xml', '--format: expected one of csv, parquet, got "xml"', 'sentinel weigh --help'],
    ['weigh a --unknown', "unknown option '--unknown'", 'sentinel weigh --help'],
    ['quiet extra', 'too many arguments', 'sentinel quiet --help'],
    [
      'ledger --config a.yaml rebuild',
      'the words of a command stand together, before its options',
      'sentinel ledger --help',
    ],
    ['ledger rebiuld', 'too many arguments', 'sentinel ledger --help'],
    ['settled --port 99999', '--port: expected whole number from 0 to 65535', 'docs/reference/configuration.md'],
    ['settled --config gone.yaml', 'gone.yaml does not exist', 'docs/reference/configuration.md'],
  ])('"%s" exits 2 and says %s', async (line, problem, remedy) => {
    const { exitCode, out, err } = await ran(line, TABLE);
    expect(err).toContain(problem);
    expect(err).toContain(remedy);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  });
});

describe('failure', () => {
  const failing = (error: unknown) => [
    entry(
      'fail',
      aCommand(() => {
        throw error;
      }),
    ),
  ];

  it('is one line and what to do', async () => {
    const table = failing(new SentinelError('NOT_FOUND', { what: 'Model', id: 'v1' }));
    expect(await ran('fail', table)).toEqual({
      exitCode: 1,
      out: '',
      err: 'sentinel fail: Model v1 is not known\nCheck the id.\n',
    });
  });

  it('is one document with --json', async () => {
    const table = failing(new SentinelError('NOT_FOUND', { what: 'Model', id: 'v1' }));
    expect(await ran('fail --json', table)).toEqual({
      exitCode: 1,
      out: '{"error":{"code":"NOT_FOUND","message":"Model v1 is not known","remedy":"Check the id."}}\n',
      err: '',
    });
  });

  it.each([
    [
      () => readFileSync(join(file, 'below')),
      /: \S+below: a file is where a directory is expected \(ENOTDIR, open\)\nName another place/,
    ],
    [
      () => mkdirSync(file, { recursive: true }),
      /: \S+: something that is no directory is there already \(EEXIST, mkdir\)\nName another place/,
    ],
    [() => mkdirSync(join(file, 'below')), /: \S+below: a file is where a directory is expected \(ENOTDIR, mkdir\)\n/],
    [
      () => readFileSync(directory),
      /: A file: a directory is where a file is expected \(EISDIR, read\)\nName a file\.\n/,
    ],
    [() => writeFileSync('/dev/full', 'x'), /: A file: there is no room left \(ENOSPC, write\)\nMake room there/],
  ])('of a place says what is wrong with it and what to do: %s', async (fail, said) => {
    const table = [entry('fail', aCommand(fail))];
    const { err, exitCode } = await ran('fail', table);
    expect(err).toMatch(said);
    expect(exitCode).toBe(1);
  });

  it('leaves the words of a network as they are', async () => {
    const error = Object.assign(new Error('listen EACCES: permission denied 0.0.0.0:80'), { code: 'EACCES', syscall: 'listen' }); // prettier-ignore
    expect((await ran('fail', failing(error))).err).toContain(error.message);
  });

  it('shows where it happened only when asked', async () => {
    const table = failing(new Error('unforeseen'));
    expect((await ran('fail', table)).err).not.toContain('at ');
    const { err, exitCode } = await ran('fail', table, { environment: { LOG_LEVEL: 'debug' } });
    expect(err).toMatch(/sentinel fail: unforeseen\n[\s\S]*\n {4}at /);
    expect(exitCode).toBe(1);
  });

  it('shows what caused it, and what caused that, only when asked', async () => {
    const cause = new Error('the disk is gone', { cause: 'a mouse' });
    const error = new SentinelError('INTERNAL', {}, cause);
    cause.cause = new Error('a cable came loose', { cause: error }); // an error may be its own cause in the end
    const table = failing(error);
    expect((await ran('fail', table)).err).not.toContain('the disk');
    const { err } = await ran('fail', table, { environment: { LOG_LEVEL: 'debug' } });
    expect(err).toMatch(
      /caused by: Error: the disk is gone\n {4}at [\s\S]*caused by: Error: a cable came loose\n {4}at /,
    );
  });

  it('shows no card number, whatever a library quotes of a file, and whoever asks', async () => {
    const quoting = new Error('Original Line: t1,4111 1111 1111 1111,x');
    const errors = [quoting, new SentinelError('INTERNAL', {}, quoting)];
    for (const error of errors) {
      const { err } = await ran('fail', failing(error), { environment: { LOG_LEVEL: 'debug' } });
      expect(err).toContain('t1,411111******1111,x');
      expect(err).not.toContain('4111 1111');
      expect((await ran('fail --json', failing(error))).out).not.toContain('4111 1111');
    }
  });

  it('by interruption exits 130', async () => {
    const interruption = new AbortController();
    const table = [
      entry(
        'wait',
        aCommand(({ signal }) => signal.throwIfAborted()),
      ),
    ];
    interruption.abort();
    const { exitCode, err } = await ran('wait', table, { signal: interruption.signal });
    expect({ exitCode, err }).toEqual({ exitCode: 130, err: 'sentinel wait: interrupted\n' });
  });
});

describe('settings', () => {
  it('come from flags over the environment over .env over sentinel.yaml', async () => {
    const read = async (line: string, environment: Readonly<Record<string, string>> = {}) =>
      (result(await ran(`${line} --json`, TABLE, { directory, environment })) as { readonly port: number }).port;
    expect(await read('settled')).toBe(8000);
    writeFileSync(join(directory, 'sentinel.yaml'), 'server:\n  port: 1\n');
    expect(await read('settled')).toBe(1);
    writeFileSync(join(directory, '.env'), 'PORT=2\n');
    expect(await read('settled')).toBe(2);
    expect(await read('settled', { PORT: '3' })).toBe(3);
    expect(await read('settled --port 4', { PORT: '3' })).toBe(4);
    writeFileSync(join(directory, 'other.yaml'), 'server:\n  port: [\n');
    const { err, exitCode } = await ran('settled --config other.yaml', TABLE, { directory });
    expect(err).toMatch(/other\.yaml: .*line 3/);
    expect(exitCode).toBe(2);
  });

  it.each([
    ['A=1\nPORT=2\nGARBAGE\nLOG_LEVEL=debug\n', 'line 3'],
    ['A=1\r\nGARBAGE # of a comment\r\n\r\nPORT=2\r\n', 'line 2'],
    ['PORT 2', 'line 1'],
    ['# GARBAGE\nGARBAGE=1\nGARBAGE\nPORT=2\nA B=1\n', 'line 3, line 5'],
  ])('stop at a line of .env that names none: %j', async (text, lines) => {
    const place = mkdtempSync(join(directory, 'env-'));
    writeFileSync(join(place, '.env'), text);
    const { err, exitCode } = await ran('settled', TABLE, { directory: place });
    expect(err).toContain(`.env, ${lines}: expected NAME=value`);
    expect(exitCode).toBe(2);
  });

  it('take a .env as others write it, and any name of the environment itself', async () => {
    const place = mkdtempSync(join(directory, 'env-'));
    writeFileSync(join(place, '.env'), '# a comment\n\nexport PORT=2\nB = "of two\nlines=" # 3\n#C\n');
    const out = await ran('settled --json', TABLE, {
      directory: place,
      environment: { 'npm.config a': 'x', PORT: '' },
    });
    expect(out).toMatchObject({ exitCode: 0, err: '' });
  });
});
