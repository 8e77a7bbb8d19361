import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DATA_PLANE_ROUTES, SUB_REQUEST_ROUTES } from '../data-plane/data-plane.module.js';
import type { AnyDataPlaneRoute } from '../data-plane/data-plane-route.js';
import type { SubRequestRoute } from '../data-plane/sub-request-route.js';
import { buildOpenApiDocument } from '../endpoints/openapi/build-openapi-document.js';
import { describeDataPlane } from '../endpoints/openapi/describe-data-plane.js';
import { describeForwardAuth } from '../endpoints/openapi/describe-forward-auth.js';
import { serveOpenApi } from '../endpoints/openapi/serve-openapi.js';

/** Serves `/openapi.json` and `/docs`, of Nest's routes and of the data plane's. */
export function serveDocumentation(app: NestFastifyApplication): void {
  serveOpenApi(app, () => {
    const { paths, schemas } = describeDataPlane(app.get<AnyDataPlaneRoute[]>(DATA_PLANE_ROUTES));
    const ofGateways = app
      .get<SubRequestRoute[]>(SUB_REQUEST_ROUTES)
      .map(({ path }) => [path, describeForwardAuth()] as const);
    return buildOpenApiDocument(app, { ...paths, ...Object.fromEntries(ofGateways) }, schemas);
  });
}
