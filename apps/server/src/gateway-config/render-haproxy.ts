import { PRINCIPAL_HEADERS } from '../endpoints/forward-auth/principal-headers.js';
import { CERTIFICATE_HEADERS, certificateCondition } from './certificate-headers.js';
import { endpointText, serviceUrl } from './endpoint-text.js';
import type { GatewayOptions } from './gateway-options.js';

/** HAProxy 2.5 or later, with Lua: `core.httpclient`. @see https://www.arpalert.org/src/haproxy-lua-api/2.6/ */
export function renderHaproxy(options: GatewayOptions): string {
  return options.script ? renderScript(options) : renderConfiguration(options);
}

function renderConfiguration(options: GatewayOptions): string {
  const { upstream, scriptPath, tls, metadata } = options;
  return `# HAProxy asks Countersign about every request, by a Lua script: gateway-config haproxy --script.
# Countersign must trust this HAProxy: COUNTERSIGN_TRUSTED_PROXIES.
${tls?.clientCertificates ? `# ${certificateCondition('Client-Cert')}\n` : ''}global
  lua-load ${scriptPath}

defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s

frontend web
${bind(options)}${metadata === undefined ? '' : `  # What the upstream is, for everybody (RFC 9728).\n  acl metadata path ${metadata.path}\n`}  # HAProxy hands Connection on, and the next proxy would leave out what it names (RFC 9110 §7.6.1).
  acl upgrade hdr(connection) -i upgrade
  http-request del-header connection unless upgrade
  http-request set-header connection upgrade if upgrade
  # In every spelling, X_Principal_… and X.Principal.… too; some backends read them alike.
  http-request del-header ^x[^a-z0-9]principal -m reg
  # What the end client says of itself; HAProxy says it below.
  http-request del-header ^(forwarded$|x[^a-z0-9](forwarded|original|real)[^a-z0-9]) -m reg
${CERTIFICATE_HEADERS.map((name) => `  http-request del-header ${name.toLowerCase()}\n`).join('')}  http-request lua.countersign${metadata === undefined ? '' : ' unless metadata METH_GET'}
  # Nothing passes without a yes, not even when the script fails.
  http-request deny deny_status 503 unless { var(txn.countersign) -m str yes }${metadata === undefined ? '' : ' || metadata METH_GET'}
  # The upstream gets the signed token and never the credential.
  http-request del-header authorization
  http-request del-header x-api-key
  http-request del-header dpop
  http-request set-header x-forwarded-for %[src]
  http-request set-header x-forwarded-host %[req.hdr(host)]
  http-request set-header x-forwarded-proto %[ssl_fc,iif(https,http)]
${metadata === undefined ? '' : '  use_backend metadata if metadata METH_GET\n'}  default_backend upstream

backend upstream
  server upstream ${endpointText(upstream)}
${metadataBackend(options)}`;
}

function bind({ listen, tls }: GatewayOptions): string {
  if (tls === undefined) return `  bind ${endpointText(listen)}\n`;
  const certificates = ' verify optional ca-file @system-ca ca-ignore-err all crt-ignore-err all';
  const any =
    '  # A certificate of whoever has issued it: Countersign compares it with what a key or a token is bound to.\n';
  return `  # The key stands in the same file, or in ${tls.key}.
${tls.clientCertificates ? any : ''}  bind ${endpointText(listen)} ssl crt ${tls.certificate}${tls.clientCertificates ? certificates : ''}
`;
}

/** RFC 9728 §3.1 */
function metadataBackend({ metadata, service }: GatewayOptions): string {
  if (metadata === undefined) return '';
  const tls = ` ssl verify required ca-file @system-ca sni str(${service.host}) verifyhost ${service.host}`;
  return `
backend metadata
  http-request set-uri ${metadata.servicePath}
  server countersign ${endpointText(service)}${service.tls ? tls : ''}
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
local handed_back = { [401] = true, [403] = true, [429] = true, [500] = true }

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
  for _, name in ipairs({ "www-authenticate", "dpop-nonce", "retry-after" }) do
    local values = answer and answer.headers and answer.headers[name]
    if values then reply:add_header(name, all(values)[1]) end
  end
  txn:done(reply)
end

${options.tls?.clientCertificates ? TELL_CERTIFICATE : ''}core.register_action("countersign", { "http-req" }, function(txn)
  local sent = txn.http:req_get_headers()
  local headers = {
    ["x-forwarded-for"] = { txn.sf:src() },
    ["x-forwarded-method"] = { txn.sf:method() },
    ["x-forwarded-uri"] = { txn.sf:pathq() },
    -- What a DPoP proof speaks of.
    ["x-forwarded-proto"] = { txn.sf:ssl_fc() == 1 and "https" or "http" },
    ["x-forwarded-host"] = { txn.sf:req_hdr("host") },
  }
${options.tls?.clientCertificates ? '  headers["client-cert"] = client_cert(txn)\n' : ''}  for _, name in ipairs({ "authorization", "x-api-key", "dpop" }) do
    if sent[name] then headers[name] = all(sent[name]) end
  end
  local answer = core.httpclient():get({ url = url, headers = headers, timeout = timeout_ms })
  if answer == nil or answer.status ~= 200 then
    local status = answer and answer.status
    -- What is not a decision is an outage; 500 is what Countersign answers where it is asked wrongly.
    if not handed_back[status] then status = 503 end
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

const TELL_CERTIFICATE = `-- RFC 9440 §2.1; also of a session that is taken up again.
local function client_cert(txn)
  local der = txn.f:ssl_c_der()
  if der == nil or der == "" then return nil end
  return { ":" .. txn.c:base64(der) .. ":" }
end

`;
