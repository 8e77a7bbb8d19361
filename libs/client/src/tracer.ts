/** As much of OpenTelemetry's `Span` as is used here. */
export interface ClientSpan {
  setAttribute(name: string, value: string | number | boolean): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

/**
 * As much of OpenTelemetry's `Tracer` as is used here: the one of `@opentelemetry/api` fits, and need
 * not be installed. What is asked of the service gets a span, what is decided from memory none.
 */
export interface ClientTracer {
  startSpan(
    name: string,
    options: { kind: number; attributes: Record<string, string | number | boolean> },
  ): ClientSpan;
}
