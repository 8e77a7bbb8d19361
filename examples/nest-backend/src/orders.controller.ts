import type { Principal } from '@countersign/client';
import { CurrentPrincipal, Public, RequireScopes } from '@countersign/nest';
import { Controller, Get, Post } from '@nestjs/common';

/** A route for everybody and two for who may. */
@Controller()
export class OrdersController {
  @Get('health')
  @Public()
  health() {
    return { status: 'ok' };
  }

  @Get('orders')
  @RequireScopes('orders:read')
  list(@CurrentPrincipal() caller: Principal) {
    return { orders: [], for: caller.name };
  }

  @Post('refunds')
  @RequireScopes('orders:refund')
  refund(@CurrentPrincipal() caller: Principal) {
    return { refunded: true, by: caller.name };
  }
}
