/** What a service is started from beside its settings: the model in production, policy, keys, certificate. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type KeyEntry, readKeyEntries } from '../access/keys.ts';
import { hashRequest } from '../access/pan-token.ts';
import { onnxRuntime } from '../adapters/onnxruntime/graph-runtime.ts';
import { readYaml } from '../adapters/yaml/read-yaml.ts';
import { type Config } from '../config.ts';
import { refuseCardNumbers } from '../decisions/card-numbers.ts';
import { refuseUnmetAddresses } from '../decisions/list-addresses.ts';
import { type Policy, type Thresholds } from '../decisions/policy.ts';
import { refuseBoundlessRates } from '../decisions/rates.ts';
import { readPolicy } from '../decisions/read-policy.ts';
import { SentinelError } from '../domain/errors.ts';
import { DEFAULT_LIMITS, type HttpLimits, type TlsFiles } from '../http/server-deps.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { loadArtifact, requireOwnFeatures } from '../usecases/load-champion.ts';
import { isPaymentIp } from '../wire/payment-members.ts';

/** SHA-256 as hex digits, for the versions of policies. */
export const hashText = hashRequest;

/** Throws NO_MODEL, or ARTIFACT_INVALID when it is damaged or of other features. */
export async function productionArtifact(registry: ModelRegistry): Promise<ModelArtifact> {
  const version = await registry.production();
  if (version === undefined) throw new SentinelError('NO_MODEL');
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

/** The configured key and certificate; undefined without them. CONFIG_INVALID when HTTPS cannot be served with them. */
export function readTls({ tlsKeyFile, tlsCertFile }: Config): TlsFiles | undefined {
  if (tlsKeyFile === '') return undefined;
  const [key, cert] = [readConfigured(tlsKeyFile), readConfigured(tlsCertFile)];
  tryContext(`${tlsKeyFile}: is no private key in PEM without a passphrase`, { key });
  tryContext(`${tlsCertFile}: is no certificate in PEM`, { cert });
  tryContext(`${tlsKeyFile} and ${tlsCertFile}: do not belong together`, { key, cert });
  return { key, cert };
}

function tryContext(problem: string, files: Partial<TlsFiles>): void {
  try {
    createSecureContext(files);
  } catch (error) {
    const { reason, message } = error as Error & { readonly reason?: string }; // OpenSSL's words
    throw new SentinelError('CONFIG_INVALID', { problems: `${problem} (${reason ?? message})` }, error);
  }
}

function readConfigured(file: string): Buffer {
  const problem = !existsSync(file) ? 'there is no such file' : statSync(file).isDirectory() ? 'is a directory' : '';
  if (problem === '') return readFileSync(file);
  throw new SentinelError('CONFIG_INVALID', { problems: `${file}: ${problem}` });
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

/**
 * The configured policy; undefined when none is. `thresholds` are those of the model that is to decide: a file that only adds
 * a rule or a list leaves them alone. POLICY_INVALID with the place of the first mistake.
 */
export function readPolicyFile(
  { policyFile }: Pick<Config, 'policyFile'>,
  thresholds?: Thresholds,
): Policy | undefined {
  if (policyFile === '') return undefined;
  const refuse = (problem: string): never => {
    throw new SentinelError('POLICY_INVALID', { place: policyFile, problem });
  };
  if (!existsSync(policyFile)) refuse('there is no such file');
  if (statSync(policyFile).isDirectory()) refuse('is a directory');
  const read = readYaml(readFileSync(policyFile, 'utf8'));
  if ('problem' in read) return refuse(read.problem);
  const policy = readPolicy(read.value, hashText, thresholds);
  refuseCardNumbers(policy);
  refuseUnmetAddresses(policy.lists, isPaymentIp);
  refuseBoundlessRates(policy.rates);
  return policy;
}
