import type { Principal } from '@countersign/client';

/** The environment of routes behind a protecting middleware: `new Hono<CountersignEnv>()`. */
export interface CountersignEnv {
  Variables: {
    /** Who calls. */
    principal: Principal;
  };
}
