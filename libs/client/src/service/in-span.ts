import type { ClientTracer } from '../tracer.js';

/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR` of OpenTelemetry's API. */
const CLIENT = 2;
const ERROR = 2;

/** Runs an operation in a span, when there is a tracer. Nothing of a request is put into it. */
export async function inSpan<T>(
  tracer: ClientTracer | undefined,
  name: string,
  operation: () => Promise<T>,
): Promise<T> {
  if (tracer === undefined) return operation();
  const span = tracer.startSpan(name, { kind: CLIENT, attributes: {} });
  try {
    return await operation();
  } catch (error) {
    span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
    span.setStatus({ code: ERROR });
    throw error;
  } finally {
    span.end();
  }
}
