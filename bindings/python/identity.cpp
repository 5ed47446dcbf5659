// Verifiers: what makes callers of credentials, and what it has to fetch for that.
// Tested by tests/python/test_identity.py
//
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <optional>

#include <pybind11/stl.h>

#include "host.hpp"
#include "incoming.hpp"

namespace mcpgov::python {

namespace {

using identity::Check;
using identity::Fetch;
using identity::Identification;
using identity::Verifier;

// Seconds since 1970, as time.time() gives them; none: now.
std::uint64_t microseconds(const std::optional<double>& seconds) {
  using Microseconds = std::chrono::duration<double, std::micro>;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const double at =
      seconds ? *seconds * 1e6 : std::chrono::duration_cast<Microseconds>(now).count();
  // 2^63 microseconds are beyond any date; NaN is none either.
  if (!(at >= 0 && at < 9.2e18)) throw py::value_error("the time must be seconds since 1970");
  return static_cast<std::uint64_t>(at);
}

std::string_view name_of(identity::FetchKind kind) noexcept {
  switch (kind) {
    case identity::FetchKind::metadata: return "metadata";
    case identity::FetchKind::keys: return "keys";
    case identity::FetchKind::introspection: return "introspection";
    case identity::FetchKind::groups: return "groups";
    case identity::FetchKind::trust_bundle: return "trust_bundle";
  }
  return "keys";
}

py::object caller_of(const Identification& self) {
  return self.caller ? py::cast(Caller(*self.caller)) : py::none();
}

// identify() and explain(): the same question, with or without the steps.
template <class Ask>
Identification ask(const Shown& shown, std::optional<double> now, Ask asking) {
  const std::uint64_t at = microseconds(now);
  const py::gil_scoped_release released;
  return asking(shown.get(), at);
}

Identification identify(const Verifier& self, const py::object& headers, std::string_view method,
                        std::string_view url, std::string_view peer, const py::bytes& certificate,
                        const py::iterable& chain, std::optional<double> now) {
  const Shown shown(headers, method, url, peer, certificate, chain);
  return ask(shown, now, [&](const identity::Presented& presented, std::uint64_t at) {
    return self.identify(presented, at);
  });
}

py::tuple explain(const Verifier& self, const py::object& headers, std::string_view method,
                  std::string_view url, std::string_view peer, const py::bytes& certificate,
                  const py::iterable& chain, std::optional<double> now) {
  const Shown shown(headers, method, url, peer, certificate, chain);
  std::vector<Check> steps;
  Identification found =
      ask(shown, now, [&](const identity::Presented& presented, std::uint64_t at) {
        return self.explain(presented, at, steps);
      });
  return py::make_tuple(std::move(found), std::move(steps));
}

void accept(const Verifier& self, const Fetch& fetch, int status, const py::bytes& body,
            std::uint32_t max_age, std::optional<double> now) {
  const std::uint64_t at = microseconds(now);
  const identity::FetchAnswer answer{fetch.number, status, std::string_view(body), max_age};
  const py::gil_scoped_release released;
  value_or_raise(self.accept(fetch, answer, at));
}

void add_values(py::module_& module) {
  py::class_<Fetch>(module, "Fetch", py::is_final())
      .def_property_readonly("kind", [](const Fetch& self) { return name_of(self.kind); })
      .def_readonly("issuer", &Fetch::issuer)
      .def_readonly("method", &Fetch::method)
      .def_readonly("url", &Fetch::url)
      .def_readonly("headers", &Fetch::headers)
      .def_property_readonly("body", [](const Fetch& self) { return bytes(self.body); })
      .def_readonly("max_bytes", &Fetch::max_bytes)
      .def_property_readonly("timeout", [](const Fetch& self) { return self.timeout_ms / 1000.0; })
      .def_readonly("private_addresses", &Fetch::private_addresses)
      .def_readonly("secret", &Fetch::secret)
      .def_readonly("ca_pem", &Fetch::ca_pem)
      .def_readonly("pin_sha256", &Fetch::pin_sha256);
  py::class_<Check>(module, "Check", py::is_final())
      .def_readonly("what", &Check::what)
      .def_readonly("passed", &Check::passed)
      .def_readonly("detail", &Check::detail);
  py::class_<Identification>(module, "Identification", py::is_final())
      .def_property_readonly("caller", &caller_of)
      .def_property_readonly("reason",
                             [](const Identification& self) {
                               return code_name(self.caller ? ErrorCode::none : self.reason);
                             })
      .def_readonly("http_status", &Identification::http_status)
      .def_readonly("retry_after", &Identification::retry_after_s)
      .def_readonly("expires", &Identification::expires_s)
      .def_readonly("challenge", &Identification::challenge)
      .def_readonly("dpop_nonce", &Identification::dpop_nonce)
      .def_readonly("pending", &Identification::pending)
      .def("__bool__", [](const Identification&) -> bool {
        throw py::type_error("an identification is no truth value: ask `caller`");
      });
}

}  // namespace

void add_identity(py::module_& module) {
  add_values(module);
  py::class_<Verifier>(module, "Verifier", py::is_final())
      .def_static(
          "from_json",
          [](std::string_view settings) { return value_or_raise(Verifier::from_json(settings)); },
          py::arg("settings"))
      .def("identify", &identify, py::arg("headers"), py::kw_only(), py::arg("method") = "POST",
           py::arg("url") = "", py::arg("peer") = "", py::arg("certificate") = py::bytes(),
           py::arg("chain") = py::tuple(), py::arg("now") = py::none())
      .def("explain", &explain, py::arg("headers"), py::kw_only(), py::arg("method") = "POST",
           py::arg("url") = "", py::arg("peer") = "", py::arg("certificate") = py::bytes(),
           py::arg("chain") = py::tuple(), py::arg("now") = py::none())
      .def(
          "due",
          [](const Verifier& self, std::optional<double> now) {
            return self.due(microseconds(now));
          },
          py::kw_only(), py::arg("now") = py::none())
      .def("accept", &accept, py::arg("fetch"), py::kw_only(), py::arg("status"),
           py::arg("body") = py::bytes(), py::arg("max_age") = 0, py::arg("now") = py::none())
      .def(
          "challenge",
          [](const Verifier& self, std::string_view error, const std::vector<std::string>& scopes) {
            return self.challenge(error, scopes);
          },
          py::arg("error") = "", py::kw_only(), py::arg("scopes") = py::tuple())
      .def_property_readonly("scopes",
                             [](const Verifier& self) {
                               return std::vector<std::string>(self.scopes().begin(),
                                                               self.scopes().end());
                             })
      .def_property_readonly("resource_metadata",
                             [](const Verifier& self) { return bytes(self.resource_metadata()); })
      .def_property_readonly("resource_metadata_path", [](const Verifier& self) {
        return text(self.resource_metadata_path());
      });
}

}  // namespace mcpgov::python
