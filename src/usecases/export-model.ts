/** A stored model in the format of another runtime. */
import { SentinelError } from '../domain/errors.ts';
import { writeOnnx } from '../formats/onnx/write.ts';
import { writeXgboost } from '../formats/xgboost/write.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';

export const EXPORT_FORMATS = ['onnx', 'xgboost'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The bytes of the file; USAGE when the format has no words for the model. */
export function exportModel(artifact: ModelArtifact, format: ExportFormat): Uint8Array {
  const { version, catalogue, thresholds } = artifact;
  const model = artifact.model.toDocument();
  try {
    if (format === 'xgboost') return new TextEncoder().encode(writeXgboost(model, catalogue.features));
    return writeOnnx({
      model,
      calibrator: artifact.calibrator.toDocument(),
      names: catalogue.features,
      version,
      metadata: {
        catalogue: catalogue.hash,
        review_threshold: String(thresholds.review),
        block_threshold: String(thresholds.block),
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SentinelError('USAGE', { problem: `${version} cannot be written as ${format}: ${reason}` }, error);
  }
}
