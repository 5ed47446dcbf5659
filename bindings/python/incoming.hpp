// What a request shows, and the Python objects that keep it alive while the GIL is away.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "host.hpp"

namespace mcpgov::python {

// Header fields: a mapping, or pairs of name and value, as text or bytes.
class Fields {
 public:
  explicit Fields(const py::object& given) {
    if (py::isinstance<py::tuple>(given) && py::len(given) == 0) return;
    const bool mapping = py::hasattr(given, "items");
    const py::object pairs = mapping ? given.attr("items")() : given;
    for (const py::handle pair : pairs) {
      owners_.push_back(py::tuple(py::reinterpret_borrow<py::object>(pair)));
      const py::tuple& both = owners_.back();
      if (both.size() != 2) throw py::value_error("a header field is a pair of name and value");
      fields_.push_back({both[0].cast<std::string_view>(), both[1].cast<std::string_view>()});
    }
  }
  std::span<const Header> get() const noexcept { return fields_; }

 private:
  std::vector<py::tuple> owners_;
  std::vector<Header> fields_;
};

// Credentials of one request. Text and the certificate are borrowed from the call's arguments.
class Shown {
 public:
  Shown(const py::object& headers, std::string_view method, std::string_view url,
        std::string_view peer, const py::bytes& certificate, const py::iterable& chain)
      : fields_(headers), method_(method), url_(url), peer_(peer), certificate_(certificate) {
    for (const py::handle each : chain) {
      owners_.push_back(each.cast<py::bytes>());
      chain_.push_back(std::string_view(owners_.back()));
    }
  }
  identity::Presented get() const noexcept {
    return {.http = {method_, url_, fields_.get()},
            .peer = peer_,
            .certificate = certificate_,
            .chain = chain_};
  }

 private:
  Fields fields_;
  std::string_view method_, url_, peer_, certificate_;
  std::vector<py::bytes> owners_;
  std::vector<std::string_view> chain_;
};

}  // namespace mcpgov::python
