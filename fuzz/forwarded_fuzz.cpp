// x-forwarded-client-cert of any bytes: what is read can be written so that it reads the same, and
// who is believed is told by exactly one normal SPIFFE ID. The same bytes as addresses and as IDs.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "identity/addresses.hpp"
#include "identity/forwarded_certificate.hpp"
#include "identity/spiffe_id.hpp"
#include "identity/svid.hpp"

using namespace mcpgov;
using namespace mcpgov::identity;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool same(const ForwardedElement& a, const ForwardedElement& b) {
  return a.by == b.by && a.uris == b.uris && a.dns_names == b.dns_names && a.hash == b.hash &&
         a.cert == b.cert && a.chain == b.chain && a.subject == b.subject;
}

// False: a value ends in a backslash or has one before a quote, and cannot be written.
bool append(const char* key, const std::string& value, std::string& out) {
  if (value.empty()) return true;
  out += std::string(out.empty() || out.back() == ',' ? "" : ";") + key + "=\"";
  bool slash = false;
  for (const char c : value) {
    if (c == '"' && slash) return false;
    if (c == '"') out += '\\';
    out += c;
    slash = c == '\\';
  }
  out += '"';
  return !slash;
}

bool write(const ForwardedElement& element, std::string& out) {
  bool able = true;
  for (const std::string& each : element.by) able = append("BY", each, out) && able;
  for (const std::string& each : element.uris) able = append("uri", each, out) && able;
  for (const std::string& each : element.dns_names) able = append("Dns", each, out) && able;
  return append("hash", element.hash, out) && append("cert", element.cert, out) &&
         append("chain", element.chain, out) && append("subject", element.subject, out) && able;
}

void parse(std::string_view text) {
  std::vector<ForwardedElement> elements;
  if (!parse_forwarded(text, elements)) return;
  require(!elements.empty() && text.size() <= kForwardedBytes);
  std::string written;
  for (const ForwardedElement& each : elements) {
    if (!written.empty()) written += ',';
    const std::size_t before = written.size();
    if (!write(each, written) || written.size() == before) return;
  }
  std::vector<ForwardedElement> again;
  if (written.size() > kForwardedBytes) return;
  require(parse_forwarded(written, again) && again.size() == elements.size());
  for (std::size_t i = 0; i < again.size(); ++i) require(same(again[i], elements[i]));
}

void believe(std::string_view text) {
  ForwardedSettings settings;
  settings.proxies = {"unix"};
  static const ForwardedRules rules = *ForwardedRules::from(settings);
  const Header headers[] = {{"x-forwarded-client-cert", text}};
  Presented presented;
  presented.http.headers = headers;
  ForwardedCertificate told;
  presented.peer = "192.0.2.1";
  require(rules.read(presented, told, nullptr) == ErrorCode::forwarded_untrusted && !told.present);
  presented.peer = "unix";
  const ErrorCode code = rules.read(presented, told, nullptr);
  require(told.present == (code == ErrorCode::none));
  if (!told.present) return;
  require(told.certificates.empty() || *told.sha256 == crypto::sha256(told.certificates.front()));
  Workload out;
  if (check_forwarded_svid(told, {}, 1'800'000'000, out) != ErrorCode::none) return;
  require(told.uris.size() == 1 && out.caller.subject == told.uris.front());
  require(check_code(out.caller) == ErrorCode::none);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  parse(text);
  believe(text);
  if (const auto id = parse_spiffe_id(text)) {
    require(std::string(id->issuer).append(id->path) == text);
    require(is_trust_domain(id->trust_domain));
  }
  const std::vector<std::string> entries = {std::string(text)};
  if (const auto set = AddressSet::from(entries)) {
    const std::string_view first = text.substr(0, text.find('/'));
    require(set->contains(first));
  }
  return 0;
}
