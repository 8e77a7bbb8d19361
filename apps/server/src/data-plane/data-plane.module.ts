import { Module } from '@nestjs/common';
import { AdminModule } from '../admin/admin.module.js';
import { EvaluationEndpoint } from '../endpoints/authzen/evaluation.endpoint.js';
import { EvaluationsEndpoint } from '../endpoints/authzen/evaluations.endpoint.js';
import { Evaluator } from '../endpoints/authzen/evaluator.js';
import { IntrospectBatchEndpoint } from '../endpoints/introspect/introspect-batch.endpoint.js';
import { ForwardAuthEndpoint } from '../endpoints/forward-auth/forward-auth.endpoint.js';
import { GatewayAuthorizer } from '../endpoints/forward-auth/gateway-authorizer.js';
import { IntrospectEndpoint } from '../endpoints/introspect/introspect.endpoint.js';
import { Introspector } from '../endpoints/introspect/introspector.js';
import { ClientCredentialsGrant } from '../endpoints/token/client-credentials.grant.js';
import { RevokeEndpoint } from '../endpoints/revoke/revoke.endpoint.js';
import { RefreshTokenGrant } from '../endpoints/token/refresh-token.grant.js';
import { RefreshTokens } from '../endpoints/token/refresh-tokens.js';
import { TokenEndpoint } from '../endpoints/token/token.endpoint.js';
import { TokenBinding } from '../endpoints/token/token-binding.js';
import { TokenExchangeGrant } from '../endpoints/token/token-exchange.grant.js';
import { Decisions } from '../endpoints/verify/decisions.js';
import { Explainer } from '../endpoints/verify/explainer.js';
import { VerifyEndpoint } from '../endpoints/verify/verify.endpoint.js';
import { CallerAuthentication } from './authenticate-caller.js';
import type { AnyDataPlaneRoute } from './data-plane-route.js';
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
    RefreshTokenGrant,
    RefreshTokens,
    TokenBinding,
    Introspector,
    IntrospectEndpoint,
    IntrospectBatchEndpoint,
    Decisions,
    Explainer,
    VerifyEndpoint,
    Evaluator,
    EvaluationEndpoint,
    EvaluationsEndpoint,
    TokenEndpoint,
    RevokeEndpoint,
    GatewayAuthorizer,
    ForwardAuthEndpoint,
    {
      provide: DATA_PLANE_ROUTES,
      inject: [
        IntrospectEndpoint,
        IntrospectBatchEndpoint,
        VerifyEndpoint,
        EvaluationEndpoint,
        EvaluationsEndpoint,
        TokenEndpoint,
        RevokeEndpoint,
      ],
      useFactory: (...routes: AnyDataPlaneRoute[]) => routes,
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
