import type { StalenessPolicy } from '@countersign/client';
import { CountersignModule } from '@countersign/nest';
import { Module } from '@nestjs/common';
import { OrdersController } from './orders.controller.js';

@Module({
  imports: [
    CountersignModule.forRootAsync({
      useFactory: () => {
        const { COUNTERSIGN_URL, COUNTERSIGN_KEY, STALENESS_POLICY = 'introspect' } = process.env;
        if (!COUNTERSIGN_URL || !COUNTERSIGN_KEY) {
          throw new Error('Set COUNTERSIGN_URL and COUNTERSIGN_KEY; the README says to what.');
        }
        return {
          issuer: COUNTERSIGN_URL,
          audience: 'https://orders.example.com',
          credential: COUNTERSIGN_KEY,
          staleness: { policy: STALENESS_POLICY as StalenessPolicy },
          // Over https, or, for trying this out, from one's own machine.
          allowInsecureHttp: 'loopback',
        };
      },
    }),
  ],
  controllers: [OrdersController],
})
export class AppModule {}
