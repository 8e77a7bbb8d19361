import { Controller, Get, Header, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../http/route-access.js';
import { Readiness } from './readiness.js';
import { type ReadinessReport, readinessReport } from './readiness-report.js';

/** Tells orchestrators and load balancers whether to restart this process, and whether to use it. */
@ApiTags('operations')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether the process runs', operationId: 'getLiveness' })
  @ApiOkResponse({ description: 'It does; nothing that it depends on is looked at.' })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether the service can do its work', operationId: 'getReadiness' })
  @ApiOkResponse({ standardSchema: readinessReport, description: 'It can.' })
  @ApiServiceUnavailableResponse({
    standardSchema: readinessReport,
    description: 'Something is down, or the process is shutting down.',
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessReport> {
    const report = await this.readiness.report();
    void reply.code(report.status === 'ready' ? 200 : 503);
    return report;
  }
}
