import { fileURLToPath } from 'node:url';
import { loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO_FOLDER = fileURLToPath(new URL('../../proto', import.meta.url));

/**
 * `envoy.service.auth.v3.Authorization` as Envoy publishes it, with a client of it; the names of
 * fields are those of the published files.
 */
export function loadAuthorizationService(): ServiceClientConstructor {
  const definition = loadSync('envoy/service/auth/v3/external_auth.proto', {
    includeDirs: [PROTO_FOLDER],
    keepCase: true,
    longs: String,
    enums: String,
    oneofs: false,
  });
  const { envoy } = loadPackageDefinition(definition) as unknown as {
    envoy: { service: { auth: { v3: { Authorization: ServiceClientConstructor } } } };
  };
  return envoy.service.auth.v3.Authorization;
}
