import { type Metadata, metadata } from '@countersign/contracts';
import { describeIssue } from '../http/describe-issue.js';
import { validationFailed } from '../http/problem.js';
import { mergePatch } from './merge-patch.js';

/**
 * The metadata after a patch: merged, emptied by null, or as it was.
 * @throws {ProblemException} `validation_failed` when the outcome is larger than metadata may be
 */
export function mergeMetadata(before: Metadata, patch: Metadata | null | undefined): Metadata {
  if (patch === undefined) return before;
  if (patch === null) return {};
  const merged = mergePatch(before, patch);
  const parsed = metadata.safeParse(merged);
  if (parsed.success) return merged;
  const issues = parsed.error.issues.map((issue) => ({
    ...issue,
    path: ['metadata', ...issue.path],
  }));
  throw validationFailed(issues.flatMap(describeIssue));
}
