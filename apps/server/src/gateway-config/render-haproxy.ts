import { PRINCIPAL_HEADERS } from '../endpoints/forward-auth/principal-headers.js';
import { endpointText, serviceUrl } from './endpoint-text.js';
import type { GatewayOptions } from './gateway-options.js';

/** HAProxy 2.5 or later, with Lua: `core.httpclient`. @see https://www.arpalert.org/src/haproxy-lua-api/2.6/ */
export function renderHaproxy(options: GatewayOptions): string {
  return options.script ? renderScript(options) : renderConfiguration(options);
}

function renderConfiguration({ listen, upstream, scriptPath }: GatewayOptions): string {
  return `# HAProxy asks Countersign about every request, by a Lua script: gateway-config haproxy --script.
# Countersign must trust this HAProxy: COUNTERSIGN_TRUSTED_PROXIES.
global
  lua-load ${scriptPath}

defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s

frontend web
  bind ${endpointText(listen)}
  # In every spelling, X_Principal_… and X.Principal.… too; some backends read them alike.
  http-request del-header ^x[^a-z0-9]principal[^a-z0-9] -m reg
  http-request lua.countersign
  # Nothing passes without a yes, not even when the script fails.
  http-request deny deny_status 503 unless { var(txn.countersign) -m str yes }
  # The upstream gets the signed token and never the credential.
  http-request del-header authorization
  http-request del-header x-api-key
  http-request del-header dpop
  http-request set-header x-forwarded-for %[src]
  default_backend upstream

backend upstream
  server upstream ${endpointText(upstream)}
`;
}

function renderScript(options: GatewayOptions): string {
  return `-- Asks Countersign whether a request may pass; loaded by HAProxy's lua-load.
local url = "${serviceUrl(options)}/forward-auth?${options.requirement}"
-- For each of up to four attempts.
local timeout_ms = 1000
local handed_on = {
${PRINCIPAL_HEADERS.map((name) => `  "${name.toLowerCase()}",`).join('\n')}
}

-- HAProxy's lists begin with 0, and those of its HTTP client with 1.
local function all(values)
  local list = {}
  for index = 0, #values do
    if values[index] ~= nil then table.insert(list, values[index]) end
  end
  return list
end

local function refuse(txn, status, answer)
  local reply = txn:reply({ status = status })
  reply:add_header("cache-control", "no-store")
  local challenge = answer and answer.headers and answer.headers["www-authenticate"]
  if challenge then reply:add_header("www-authenticate", all(challenge)[1]) end
  local nonce = answer and answer.headers and answer.headers["dpop-nonce"]
  if nonce then reply:add_header("dpop-nonce", all(nonce)[1]) end
  txn:done(reply)
end

core.register_action("countersign", { "http-req" }, function(txn)
  local sent = txn.http:req_get_headers()
  local headers = {
    ["x-forwarded-for"] = { txn.sf:src() },
    ["x-forwarded-method"] = { txn.sf:method() },
    ["x-forwarded-uri"] = { txn.sf:pathq() },
    -- What a DPoP proof speaks of.
    ["x-forwarded-proto"] = { txn.sf:ssl_fc() == 1 and "https" or "http" },
    ["x-forwarded-host"] = { txn.sf:req_hdr("host") },
  }
  for _, name in ipairs({ "authorization", "x-api-key", "dpop" }) do
    if sent[name] then headers[name] = all(sent[name]) end
  end
  local answer = core.httpclient():get({ url = url, headers = headers, timeout = timeout_ms })
  if answer == nil or answer.status ~= 200 then
    local status = answer and answer.status
    -- What is not a decision is an outage.
    if status ~= 401 and status ~= 403 and status ~= 429 then status = 503 end
    return refuse(txn, status, answer)
  end
  for _, name in ipairs(handed_on) do
    local values = answer.headers[name]
    if values == nil then return refuse(txn, 503) end
    txn.http:req_set_header(name, all(values)[1] or "")
  end
  txn:set_var("txn.countersign", "yes")
end)
`;
}
