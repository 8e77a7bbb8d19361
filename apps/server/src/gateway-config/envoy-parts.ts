/** Where Envoy's configuration differs by the protocol that it asks in; whole lines of YAML. */
export interface EnvoyParts {
  /** What must hold at Countersign: a comment. */
  readonly condition: string;
  /** The ext_authz filter. */
  readonly filter: string;
  /** More of the virtual host. */
  readonly virtualHost: string;
  /** More of Countersign's cluster. */
  readonly cluster: string;
}
