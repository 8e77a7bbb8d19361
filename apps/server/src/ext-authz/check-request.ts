/** One header of Envoy's `HeaderMap`; `raw_value` where values are handed over as octets. */
export interface HeaderValue {
  readonly key?: string;
  readonly value?: string;
  readonly raw_value?: Buffer;
}

/**
 * What is read of Envoy's `envoy.service.auth.v3.CheckRequest`, as it is decoded: what was not sent
 * is missing.
 * @see apps/server/proto/envoy/service/auth/v3/attribute_context.proto
 */
export interface CheckRequest {
  readonly attributes?: {
    readonly source?: {
      readonly address?: { readonly socket_address?: { readonly address?: string } };
      /** Percent-encoded PEM, where Envoy is told `include_peer_certificate`. */
      readonly certificate?: string;
    };
    readonly request?: { readonly http?: HttpAttributes };
    readonly context_extensions?: Readonly<Record<string, string>>;
  };
}

/** The end client's request. */
export interface HttpAttributes {
  readonly method?: string;
  /** With the query. */
  readonly path?: string;
  readonly host?: string;
  readonly scheme?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of `headers`, where Envoy is told `encode_raw_headers`. */
  readonly header_map?: { readonly headers?: readonly HeaderValue[] };
}
