import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../http/route-access.js';
import { Metrics } from '../../observability/metrics.js';

/**
 * The figures of this process for Prometheus. Public, since a scraper has no credential and nothing
 * here tells of a tenant, a key or a path; who wants it closed does so at the proxy.
 */
@ApiTags('operations')
@Public()
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Aggregate figures for Prometheus', operationId: 'getMetrics' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: "Prometheus's text format.", schema: { type: 'string' } })
  async scrape(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const text = await this.metrics.expose();
    void reply.header('content-type', this.metrics.contentType);
    return text;
  }
}
