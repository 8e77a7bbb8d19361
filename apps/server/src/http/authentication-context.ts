import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallContext } from './caller-authenticator.js';

/**
 * What passport's strategies work with beside the credential: they are given no request. Only the
 * access guard starts one, around the authentication of one request.
 */
export const authenticationContext = new AsyncLocalStorage<CallContext>();
