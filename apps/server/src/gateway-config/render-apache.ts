import { PRINCIPAL_HEADERS } from '../endpoints/forward-auth/principal-headers.js';
import { endpointText, serviceUrl } from './endpoint-text.js';
import type { GatewayOptions } from './gateway-options.js';

/** Apache 2.4: mod_lua with LuaSocket, and mod_proxy. @see https://httpd.apache.org/docs/2.4/mod/mod_lua.html */
export function renderApache(options: GatewayOptions): string {
  return options.script ? renderScript(options) : renderConfiguration(options);
}

function renderConfiguration({ listen, upstream, scriptPath }: GatewayOptions): string {
  return `# Apache asks Countersign about every request, by a Lua script: gateway-config apache --script.
# Debian: apt install lua-socket; a2enmod lua proxy proxy_http.
# Countersign must trust this Apache: COUNTERSIGN_TRUSTED_PROXIES.
Listen ${endpointText(listen)}
<VirtualHost ${endpointText(listen)}>
  LuaHookAccessChecker ${scriptPath} authorize
  AllowEncodedSlashes NoDecode
  ProxyRequests Off
  ProxyPass "/" "http://${endpointText(upstream)}/" nocanon
</VirtualHost>
`;
}

function renderScript(options: GatewayOptions): string {
  return `-- Asks Countersign whether a request may pass; called by Apache's LuaHookAccessChecker.
local http = require "socket.http"

local url = "${serviceUrl(options)}/forward-auth?${options.requirement}"
local handed_on = {
${PRINCIPAL_HEADERS.map((name) => `  "${name}",`).join('\n')}
}
http.TIMEOUT = 3

local function ask(r)
  local headers = {
    ["X-Forwarded-For"] = r.useragent_ip,
    ["X-Forwarded-Method"] = r.method,
    ["X-Forwarded-Uri"] = r.unparsed_uri,
    -- What a DPoP proof speaks of.
    ["X-Forwarded-Proto"] = r.is_https and "https" or "http",
    ["X-Forwarded-Host"] = r.headers_in["Host"],
    ["DPoP"] = r.headers_in["DPoP"],
    ["Authorization"] = r.headers_in["Authorization"],
    ["X-API-Key"] = r.headers_in["X-API-Key"],
  }
  local done, status, answer = http.request({ url = url, headers = headers, redirect = false })
  if done then return status, answer end
end

-- In every spelling, X_Principal_… and X.Principal.… too; some backends read them alike.
local function strip(r)
  for name in pairs(r:headers_in_table()) do
    if name:lower():find("^x[^%w]principal[^%w]") then r.headers_in[name] = nil end
  end
end

function authorize(r)
  strip(r)
  local status, answer = ask(r)
  if status == 401 or status == 403 or status == 429 then
    r.err_headers_out["WWW-Authenticate"] = answer["www-authenticate"] or ""
    r.err_headers_out["Cache-Control"] = "no-store"
    local nonce = answer["dpop-nonce"]
    if nonce then r.err_headers_out["DPoP-Nonce"] = nonce end
    return status
  end
  -- What is not a decision is an outage.
  if status ~= 200 then return 503 end
  for _, name in ipairs(handed_on) do
    local value = answer[name:lower()]
    if value == nil then return 503 end
    r.headers_in[name] = value
  end
  -- The upstream gets the signed token and never the credential.
  r.headers_in["Authorization"] = nil
  r.headers_in["X-API-Key"] = nil
  r.headers_in["DPoP"] = nil
  return apache2.OK
end
`;
}
