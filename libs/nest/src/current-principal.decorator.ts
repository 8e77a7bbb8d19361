import type { Principal } from '@countersign/client';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/**
 * Injects who calls: `list(@CurrentPrincipal() principal: Principal)`. On a public route it fails with
 * an error, which is a mistake in the program and never the caller's.
 */
export const CurrentPrincipal: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal => {
    const { principal } = context.switchToHttp().getRequest<{ principal?: Principal }>();
    if (principal !== undefined) return principal;
    const route = `${context.getClass().name}.${context.getHandler().name}`;
    throw new Error(`${route} asks for the principal, but nothing protects it`);
  },
);
