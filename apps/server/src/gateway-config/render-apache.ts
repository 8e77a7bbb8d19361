import { PRINCIPAL_HEADERS } from '../endpoints/forward-auth/principal-headers.js';
import { CERTIFICATE_HEADERS, certificateCondition } from './certificate-headers.js';
import { endpointText, serviceUrl } from './endpoint-text.js';
import type { GatewayOptions } from './gateway-options.js';

/** Apache 2.4: mod_lua with LuaSocket, and mod_proxy. @see https://httpd.apache.org/docs/2.4/mod/mod_lua.html */
export function renderApache(options: GatewayOptions): string {
  return options.script ? renderScript(options) : renderConfiguration(options);
}

function renderConfiguration(options: GatewayOptions): string {
  const { listen, upstream, scriptPath, tls } = options;
  return `# Apache asks Countersign about every request, by a Lua script: gateway-config apache --script.
# Debian: apt install lua-socket; a2enmod lua proxy proxy_http${tls === undefined ? '' : ' ssl'}.
# Countersign must trust this Apache: COUNTERSIGN_TRUSTED_PROXIES.
${tls?.clientCertificates ? `# ${certificateCondition('Client-Cert')}\n` : ''}Listen ${endpointText(listen)}
<VirtualHost ${endpointText(listen)}>
${virtualHostTls(options)}  LuaHookAccessChecker ${scriptPath} authorize
  AllowEncodedSlashes NoDecode
  ProxyRequests Off
${metadataPass(options)}  ProxyPass "/" "http://${endpointText(upstream)}/" nocanon
</VirtualHost>
`;
}

function virtualHostTls({ tls }: GatewayOptions): string {
  if (tls === undefined) return '';
  const certificates = `  # Whoever has issued it: Countersign compares it with what a key or a token is bound to.
  SSLVerifyClient optional_no_ca
`;
  return `  SSLEngine on
  SSLCertificateFile ${tls.certificate}
  SSLCertificateKeyFile ${tls.key}
${tls.clientCertificates ? certificates : ''}`;
}

/** RFC 9728 §3.1 */
function metadataPass(options: GatewayOptions): string {
  const { metadata } = options;
  if (metadata === undefined) return '';
  const pattern = metadata.path.slice(1).replaceAll('.', '\\.');
  // With nothing of the match in it, Apache would put all of the end client's path behind the URL.
  return `  # What the upstream is, for everybody (RFC 9728).
  ProxyPassMatch "^(/)${pattern}$" "${serviceUrl(options)}$1${metadata.servicePath.slice(1)}"
`;
}

function renderScript(options: GatewayOptions): string {
  return `-- Asks Countersign whether a request may pass; called by Apache's LuaHookAccessChecker.
local http = require "socket.http"

local url = "${serviceUrl(options)}/forward-auth?${options.requirement}"
local handed_on = {
${PRINCIPAL_HEADERS.map((name) => `  "${name}",`).join('\n')}
}
local handed_back = { [401] = true, [403] = true, [429] = true, [500] = true }
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
${options.tls?.clientCertificates ? TELL_CERTIFICATE : ''}  local done, status, answer = http.request({ url = url, headers = headers, redirect = false })
  if done then return status, answer end
end

-- Only these: by Connection, the end client would have Apache leave out headers that are set here
-- (RFC 9110 §7.6.1).
local options = { ["close"] = true, ["keep-alive"] = true, ["upgrade"] = true }

local function keep_options(r)
  local kept = {}
  for option in (r.headers_in["Connection"] or ""):lower():gmatch("[^%s,]+") do
    if options[option] then table.insert(kept, option) end
  end
  r.headers_in["Connection"] = #kept > 0 and table.concat(kept, ", ") or nil
end

-- In every spelling, X_Principal_… and X.Principal.… too; some backends read them alike. The others are
-- what the end client says of itself; Apache says it.
local removed = {
  "^x[^%w]principal", "^forwarded$", "^x[^%w]forwarded[^%w]", "^x[^%w]original[^%w]", "^x[^%w]real[^%w]",
}

local function strip(r)
  for name in pairs(r:headers_in_table()) do
    for _, pattern in ipairs(removed) do
      if name:lower():find(pattern) then r.headers_in[name] = nil end
    end
  end
  -- Nobody but this proxy may speak of certificates (RFC 9440 §4).
${CERTIFICATE_HEADERS.map((name) => `  r.headers_in["${name}"] = nil\n`).join('')}end

local function refuse(r, status, answer)
  r.err_headers_out["Cache-Control"] = "no-store"
  for _, name in ipairs({ "WWW-Authenticate", "DPoP-Nonce", "Retry-After" }) do
    r.err_headers_out[name] = answer[name:lower()]
  end
  -- What is not a decision is an outage; 500 is what Countersign answers where it is asked wrongly.
  return handed_back[status] and status or 503
end

function authorize(r)
  keep_options(r)
  strip(r)
${passMetadata(options)}  local status, answer = ask(r)
  if status ~= 200 then return refuse(r, status, answer or {}) end
  for _, name in ipairs(handed_on) do
    local value = answer[name:lower()]
    if value == nil then return 503 end
    r.headers_in[name] = value
  end
  -- The upstream gets the signed token and never the credential.
  r.headers_in["Authorization"] = nil
  r.headers_in["X-API-Key"] = nil
  r.headers_in["DPoP"] = nil
  -- Beside X-Forwarded-For, -Host and -Server, which mod_proxy sets.
  r.headers_in["X-Forwarded-Proto"] = r.is_https and "https" or "http"
  return apache2.OK
end
`;
}

/** RFC 9440 §2.1: PEM is the same base64 in lines. */
const TELL_CERTIFICATE = `  local pem = r:ssl_var_lookup("SSL_CLIENT_CERT")
  if pem and pem ~= "" then
    headers["Client-Cert"] = ":" .. pem:gsub("%-%-%-%-%-[^%-]+%-%-%-%-%-", ""):gsub("%s", "") .. ":"
  end
`;

function passMetadata({ metadata }: GatewayOptions): string {
  if (metadata === undefined) return '';
  return `  -- Exactly as it is written: what ProxyPassMatch takes for it may be spelled in other ways.
  if (r.method == "GET" or r.method == "HEAD") and r.unparsed_uri == "${metadata.path}" then
    for _, name in ipairs({ "Authorization", "X-API-Key", "DPoP", "Cookie" }) do
      r.headers_in[name] = nil
    end
    return apache2.OK
  end
`;
}
