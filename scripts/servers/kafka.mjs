/** Apache Kafka: the jars of Maven Central, one node that is broker and controller. */
import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, findProgram, installPackages, makeOnce, mustRun } from './packages.mjs';
import { Failure, USE_DOCKER } from './failure.mjs';
import { ask } from './processes.mjs';
import { LOOPBACK, SETTINGS } from './settings.mjs';

const { release, heap, options } = SETTINGS.kafka;
const JARS = join(CACHE, `kafka-${release}`);
const OLDEST_JAVA = 17; // Kafka 4's own demand
/** The binding of the logging interface Kafka 4 is compiled against; without one nothing is logged. */
const SLF4J = '1.7.36';

const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>sentinel</groupId>
  <artifactId>kafka-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${release}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>${SLF4J}</version></dependency>
  </dependencies>
</project>
`;

function javaRelease() {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
}

async function installJava() {
  if (javaRelease() >= OLDEST_JAVA) return;
  await installPackages('default-jre-headless');
  const found = javaRelease();
  if (found >= OLDEST_JAVA) return;
  throw new Failure(`Kafka needs Java ${OLDEST_JAVA} or newer; java here is ${found}.`, `put one first in PATH, or ${USE_DOCKER}`); // prettier-ignore
}

async function downloadJars() {
  if (existsSync(JARS)) return;
  if (findProgram('mvn') === undefined) await installPackages('maven');
  await makeOnce(JARS, (scratch) => {
    const pom = join(scratch, 'pom.xml');
    writeFileSync(pom, POM);
    mustRun('mvn', ['-B', '-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${scratch}`], {
      todo: 'see that https://repo.maven.apache.org can be reached, or what mirror ~/.m2/settings.xml names',
    });
  });
}

const words = (main, ...rest) => [
  ...heap,
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  ...['-cp', join(JARS, '*'), main, ...rest],
];

/** A client that should reach the broker through a line of the tests connects to `line`, which leads to `lined`. */
export function properties(directory, { port, controller, lined, line }) {
  const all = {
    ...options,
    listeners: `PLAINTEXT://${LOOPBACK}:${port},CONTROLLER://${LOOPBACK}:${controller},LINED://${LOOPBACK}:${lined}`,
    'advertised.listeners': `PLAINTEXT://${LOOPBACK}:${port},LINED://${LOOPBACK}:${line}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,LINED:PLAINTEXT',
    'controller.quorum.voters': `${options['node.id']}@${LOOPBACK}:${controller}`,
    'log.dirs': join(directory, 'log'),
  };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Metadata request, version 1, of no topic: length, API key 3, version, correlation, no client id, no topics. */
const METADATA_REQUEST = Buffer.from('0000000e' + '0003' + '0001' + '00000001' + 'ffff' + '00000000', 'hex');
const isWhole = (answer) => answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0);
/** After length and correlation comes the number of brokers that take requests. */
const BROKERS_AT = 8;

/** Formats the log of `properties` for a cluster; its id is any 16 bytes in base64url, so it may begin like an option. */
export function formatStorage(cluster, file, ...more) {
  mustRun('java', words('kafka.tools.StorageTool', 'format', `--cluster-id=${cluster}`, '-c', file, ...more));
}

export const kafka = {
  name: 'kafka',
  portNames: ['port', 'controller', 'lined', 'line'],
  missing() {
    if (javaRelease() < OLDEST_JAVA) return `Java ${OLDEST_JAVA} is not installed`;
    return existsSync(JARS) ? undefined : `Kafka ${release} is not in ${JARS}`;
  },
  async install() {
    await installJava();
    await downloadJars();
  },

  prepare(directory, ports) {
    const file = join(directory, 'server.properties');
    const log = join(directory, 'log');
    writeFileSync(file, properties(directory, ports));
    if (existsSync(join(log, 'meta.properties'))) return;
    rmSync(log, { recursive: true, force: true }); // a beginning that was cut off
    formatStorage(randomBytes(16).toString('base64url'), file);
  },

  program: (directory) => ({
    program: findProgram('java'),
    words: words('kafka.Kafka', join(directory, 'server.properties')),
    directory,
  }),

  async ready({ port }) {
    const answer = await ask(port, METADATA_REQUEST, isWhole);
    return answer !== undefined && answer.readInt32BE(BROKERS_AT) > 0;
  },

  stopSignal: { name: 'SIGTERM' },
  killSignal: { name: 'SIGKILL' },
  variables: ({ port, lined, line }) => ({
    KAFKA_BROKERS: `${LOOPBACK}:${port}`,
    KAFKA_LINE: `${LOOPBACK}:${line}>${LOOPBACK}:${lined}`,
  }),
};
