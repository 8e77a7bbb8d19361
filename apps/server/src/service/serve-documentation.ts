import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DATA_PLANE_ROUTES } from '../data-plane/data-plane.module.js';
import type { AnyDataPlaneRoute } from '../data-plane/data-plane-route.js';
import { buildOpenApiDocument } from '../endpoints/openapi/build-openapi-document.js';
import { describeDataPlane } from '../endpoints/openapi/describe-data-plane.js';
import { serveOpenApi } from '../endpoints/openapi/serve-openapi.js';

/** Serves `/openapi.json` and `/docs`, of Nest's routes and of the data plane's. */
export function serveDocumentation(app: NestFastifyApplication): void {
  serveOpenApi(app, () => {
    const { paths, schemas } = describeDataPlane(app.get<AnyDataPlaneRoute[]>(DATA_PLANE_ROUTES));
    return buildOpenApiDocument(app, paths, schemas);
  });
}
