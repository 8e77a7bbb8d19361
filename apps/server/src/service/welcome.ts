import type { Config } from '../config/config.js';
import type { RunningService } from './start-service.js';

/** What a person who just started the service wants to know: where it is, and what to try. */
export function welcome(
  { url, administratorCreated }: Pick<RunningService, 'url' | 'administratorCreated'>,
  { bootstrapKeyFile }: Pick<Config, 'bootstrapKeyFile'>,
): string {
  const key = `$(cat ${shellQuoted(bootstrapKeyFile)})`;
  const wrote = administratorCreated
    ? `A new administrator's API key is in ${bootstrapKeyFile} (readable by you alone).`
    : `The administrator's API key was written to ${bootstrapKeyFile} at the first start.`;
  return `
Countersign listens on ${url} (documentation: ${url}/docs)
${wrote}

Try:

  # Who am I?
  curl -s -H "X-API-Key: ${key}" ${url}/whoami

  # Exchange the key for a short-lived JWT
  curl -s -H "X-API-Key: ${key}" -d grant_type=client_credentials ${url}/token

  # Ask about a credential: here, the key about itself
  curl -s -H "X-API-Key: ${key}" -d "token=${key}" ${url}/introspect

`;
}

function shellQuoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
