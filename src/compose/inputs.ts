/** What a service is started from beside its settings: the model in production, policy, keys, certificate. */
import { existsSync, readFileSync } from 'node:fs';
import { type KeyEntry, readKeyEntries } from '../access/keys.ts';
import { hashRequest } from '../access/pan-token.ts';
import { onnxRuntime } from '../adapters/onnxruntime/graph-runtime.ts';
import { readYaml } from '../adapters/yaml/read-yaml.ts';
import { type Config } from '../config.ts';
import { type Policy } from '../decisions/policy.ts';
import { readPolicy } from '../decisions/read-policy.ts';
import { SentinelError } from '../domain/errors.ts';
import { DEFAULT_LIMITS, type HttpLimits, type TlsFiles } from '../http/server-deps.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { loadArtifact, requireOwnFeatures } from '../usecases/load-champion.ts';

/** SHA-256 as hex digits, for the versions of policies. */
export const hashText = hashRequest;

export async function productionArtifact(registry: ModelRegistry): Promise<ModelArtifact> {
  const version = await registry.production();
  if (version === undefined) {
    const problem = 'no model is in production: sentinel up makes one, sentinel train makes one of your data';
    throw new SentinelError('USAGE', { problem });
  }
  return requireOwnFeatures(await loadArtifact(registry, version, onnxRuntime));
}

export function limitsOf(config: Config): HttpLimits {
  return {
    ...DEFAULT_LIMITS,
    bodyBytes: config.bodyLimitBytes,
    lineBytes: config.bodyLimitBytes,
    batchBytes: config.batchLimitBytes,
    maxInFlight: config.inFlightLimit,
    corsOrigins: config.corsOrigins,
    ...(config.rateLimitPerSecond > 0 && { requestsPerSecond: config.rateLimitPerSecond }),
  };
}

export function readTls({ tlsKeyFile, tlsCertFile }: Config): TlsFiles | undefined {
  if (tlsKeyFile === '') return undefined;
  return { key: readConfigured(tlsKeyFile), cert: readConfigured(tlsCertFile) };
}

function readConfigured(file: string): Buffer {
  if (existsSync(file)) return readFileSync(file);
  throw new SentinelError('CONFIG_INVALID', { problems: `${file}: there is no such file` });
}

/** The API keys of the configured file; none without one. */
export function readKeys(config: Pick<Config, 'keysFile'>): readonly KeyEntry[] {
  if (config.keysFile === '') return [];
  const text = readConfigured(config.keysFile).toString();
  try {
    return readKeyEntries(JSON.parse(text), config.keysFile);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SentinelError('CONFIG_INVALID', { problems: `${config.keysFile}: ${error.message}` }, error);
  }
}

/** The configured policy; undefined when none is. POLICY_INVALID with the place of the first mistake. */
export function readPolicyFile({ policyFile }: Pick<Config, 'policyFile'>): Policy | undefined {
  if (policyFile === '') return undefined;
  if (!existsSync(policyFile)) {
    throw new SentinelError('POLICY_INVALID', { place: policyFile, problem: 'there is no such file' });
  }
  const read = readYaml(readFileSync(policyFile, 'utf8'));
  if ('problem' in read) throw new SentinelError('POLICY_INVALID', { place: policyFile, problem: read.problem });
  return readPolicy(read.value, hashText);
}
