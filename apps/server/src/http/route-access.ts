import type { CountersignScope } from '@countersign/contracts';
import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import { ApiProblems } from './api-problems.js';

/** Who may call a route. A route that declares none is refused to everybody. */
export type RouteAccess =
  | { readonly kind: 'public' }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'scope'; readonly scope: CountersignScope };

export const ROUTE_ACCESS = Symbol('route access');

/** Security schemes of the OpenAPI document: the two ways in which a credential is presented. */
export const API_KEY_SECURITY = 'api_key';
export const BEARER_SECURITY = 'bearer';

/** The caller's credential must be meant for Countersign and hold `scope`. */
export function RequireScope(scope: CountersignScope): ClassDecorator & MethodDecorator {
  return applyDecorators(
    declare({ kind: 'scope', scope }),
    ApiSecurity(API_KEY_SECURITY, [scope]),
    ApiSecurity(BEARER_SECURITY, [scope]),
    ApiProblems('invalid_request', 'unauthenticated', 'insufficient_scope', 'unavailable'),
  );
}

/** Any valid credential will do, whatever its scopes and audience. */
export function Authenticated(): ClassDecorator & MethodDecorator {
  return applyDecorators(
    declare({ kind: 'authenticated' }),
    ApiSecurity(API_KEY_SECURITY),
    ApiSecurity(BEARER_SECURITY),
    ApiProblems('invalid_request', 'unauthenticated', 'unavailable'),
  );
}

/** Everybody may call this; nobody is authenticated. */
export function Public(): ClassDecorator & MethodDecorator {
  return declare({ kind: 'public' });
}

function declare(access: RouteAccess) {
  return SetMetadata(ROUTE_ACCESS, access);
}
