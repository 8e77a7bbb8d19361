/** What a bare Fastify answers with; travels to its process as JSON. */
export interface ReferenceConfig {
  readonly port: number;
  /** Seconds, as the service promises them in its Keep-Alive header; null: it sends none. */
  readonly keepAliveSeconds: number | null;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: FixedBody | SignedBody;
}

/** The same text every time. */
export interface FixedBody {
  readonly kind: 'fixed';
  readonly text: string;
}

/** A text around a JWS that is signed for each answer, by one call of node:crypto. */
export interface SignedBody {
  readonly kind: 'signed';
  readonly alg: SignedAlgorithm;
  readonly form: SignatureForm;
  /** Up to the signature, with the signing input. */
  readonly before: string;
  readonly signingInput: string;
  readonly after: string;
}

export type SignedAlgorithm = 'RS256' | 'ES256';
/** On the main thread, or in libuv's thread pool. */
export type SignatureForm = 'synchronous' | 'thread pool';
