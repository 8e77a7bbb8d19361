import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { describeIssue } from './describe-issue.js';
import { notFound, validationFailed } from './problem.js';
import { unstorableTexts } from './unstorable-text.js';

/**
 * Validates body, query and path parameters by the zod schema that the parameter's decorator
 * carries: `@Body({ schema })`. A parameter without a schema is a mistake of ours and answers 500,
 * where Nest's own pipe would let anything through.
 */
@Injectable()
export class ValidationPipe implements PipeTransform {
  async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'custom') return value;
    const schema = metadata.schema as z.ZodType | undefined;
    if (schema === undefined) {
      throw new Error(`@${metadata.type} parameter ${metadata.data ?? ''} has no schema`);
    }
    // A request without a body is one without members, so that optional ones need not be spelled.
    const submitted = value === undefined && metadata.type === 'body' ? {} : value;
    const unstorable = unstorableTexts(submitted);
    const parsed = await schema.safeParseAsync(submitted);
    if (parsed.success && unstorable.length === 0) return parsed.data;
    // What cannot be an id is the id of nothing.
    if (metadata.type === 'param') throw notFound();
    const issues = parsed.success ? [] : parsed.error.issues;
    throw validationFailed([...unstorable, ...issues.flatMap(describeIssue)]);
  }
}
