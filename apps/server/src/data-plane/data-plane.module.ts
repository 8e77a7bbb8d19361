import { Module } from '@nestjs/common';
import { AdminModule } from '../admin/admin.module.js';
import { ForwardAuthEndpoint } from '../endpoints/forward-auth/forward-auth.endpoint.js';
import { IntrospectEndpoint } from '../endpoints/introspect/introspect.endpoint.js';
import { ClientCredentialsGrant } from '../endpoints/token/client-credentials.grant.js';
import { RevokeEndpoint } from '../endpoints/revoke/revoke.endpoint.js';
import { TokenEndpoint } from '../endpoints/token/token.endpoint.js';
import { TokenExchangeGrant } from '../endpoints/token/token-exchange.grant.js';
import { CallerAuthentication } from './authenticate-caller.js';
import type { DataPlaneRoute } from './data-plane-route.js';
import type { SubRequestRoute } from './sub-request-route.js';

/** Every endpoint of the data plane. */
export const DATA_PLANE_ROUTES = Symbol('data plane routes');

/** Every endpoint of the data plane that gateways ask by sub-requests. */
export const SUB_REQUEST_ROUTES = Symbol('sub-request routes');

/** Nest builds the hot endpoints and what they need, though it does not serve them. */
@Module({
  // For /revoke, which changes what the admin API changes.
  imports: [AdminModule],
  providers: [
    CallerAuthentication,
    ClientCredentialsGrant,
    TokenExchangeGrant,
    IntrospectEndpoint,
    TokenEndpoint,
    RevokeEndpoint,
    ForwardAuthEndpoint,
    {
      provide: DATA_PLANE_ROUTES,
      inject: [IntrospectEndpoint, TokenEndpoint, RevokeEndpoint],
      useFactory: (...routes: DataPlaneRoute[]) => routes,
    },
    {
      provide: SUB_REQUEST_ROUTES,
      inject: [ForwardAuthEndpoint],
      useFactory: (...routes: SubRequestRoute[]) => routes,
    },
  ],
  exports: [DATA_PLANE_ROUTES, SUB_REQUEST_ROUTES],
})
export class DataPlaneModule {}
