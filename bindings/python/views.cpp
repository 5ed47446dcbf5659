// What verdicts and replies show, as Python objects that own what they hold.
// Tested by tests/python/test_module.py and tests/python/test_cases.py
//
// SPDX-License-Identifier: Apache-2.0
#include "host.hpp"

namespace mcpgov::python {

namespace {

// Copies, because what a verdict shows ends with it.
struct ShownDenial {
  int http_status;
  py::list headers;
  py::bytes body;
};
struct ShownMessage {
  std::string_view kind;
  py::str method, target;
  py::bytes id, arguments, bytes;
};
struct ShownStep {
  std::string_view kind;
  std::uint32_t number;
  py::str prompt;
  py::object fetch;
};

std::string_view name_of(wire::Kind kind) noexcept {
  switch (kind) {
    case wire::Kind::request: return "request";
    case wire::Kind::notification: return "notification";
    case wire::Kind::response: return "response";
    case wire::Kind::error_response: return "error_response";
  }
  return "request";
}

std::string_view name_of(StepKind kind) noexcept {
  switch (kind) {
    case StepKind::none: return "none";
    case StepKind::approval: return "approval";
    case StepKind::fetch: return "fetch";
    case StepKind::record: return "record";
  }
  return "none";
}

ShownDenial show_denial(const HeldVerdict& verdict) {
  const Denial denial = verdict.get().denial();
  ShownDenial out{denial.http_status, py::list(), bytes(denial.body)};
  for (const Header& field : denial.headers) {
    out.headers.append(py::make_tuple(text(field.name), text(field.value)));
  }
  return out;
}

ShownMessage show_message(const HeldVerdict& verdict) {
  const MessageView message = verdict.get().message();
  return {name_of(message.kind), text(message.method_text), text(message.target),
          bytes(message.id),     bytes(message.arguments),  bytes(message.bytes)};
}

py::list show_policies(const HeldVerdict& verdict) {
  py::list out;
  for (const std::string_view id : verdict.get().policies()) out.append(text(id));
  return out;
}

py::list show_pending(const HeldVerdict& verdict) {
  py::list out;
  for (const Step& step : verdict.get().pending()) {
    py::object fetch = py::none();
    if (step.fetch != nullptr) fetch = py::cast(identity::Fetch(*step.fetch));
    out.append(
        py::cast(ShownStep{name_of(step.kind), step.number, text(step.prompt), std::move(fetch)}));
  }
  return out;
}

HeldVerdict at(const std::shared_ptr<HeldVerdicts>& all, py::ssize_t index) {
  const auto size = static_cast<py::ssize_t>(all->each.size());
  if (index < 0) index += size;
  if (index < 0 || index >= size) throw py::index_error("there are fewer verdicts");
  return {all, static_cast<std::size_t>(index)};
}

py::iterator iterate(const std::shared_ptr<HeldVerdicts>& all) {
  py::list out;
  for (std::size_t index = 0; index < all->each.size(); ++index) {
    out.append(py::cast(HeldVerdict{all, index}));
  }
  return py::iter(out);
}

// `if verdict:` would be true for a denial.
template <class T>
bool no_truth_value(const T&) {
  throw py::type_error("a verdict is no truth value: ask `allowed`");
}

void add_shown(py::module_& module) {
  py::class_<ShownDenial>(module, "Denial", py::is_final())
      .def_readonly("http_status", &ShownDenial::http_status)
      .def_readonly("headers", &ShownDenial::headers)
      .def_readonly("body", &ShownDenial::body);
  py::class_<ShownMessage>(module, "Message", py::is_final())
      .def_readonly("kind", &ShownMessage::kind)
      .def_readonly("method", &ShownMessage::method)
      .def_readonly("target", &ShownMessage::target)
      .def_readonly("id", &ShownMessage::id)
      .def_readonly("arguments", &ShownMessage::arguments)
      .def_readonly("bytes", &ShownMessage::bytes);
  py::class_<ShownStep>(module, "Step", py::is_final())
      .def_readonly("kind", &ShownStep::kind)
      .def_readonly("number", &ShownStep::number)
      .def_readonly("prompt", &ShownStep::prompt)
      .def_readonly("fetch", &ShownStep::fetch);
}

}  // namespace

void add_views(py::module_& module) {
  add_shown(module);
  py::class_<HeldVerdicts, std::shared_ptr<HeldVerdicts>>(module, "Verdicts", py::is_final())
      .def_readonly("batch", &HeldVerdicts::batch)
      .def("__len__", [](const HeldVerdicts& self) { return self.each.size(); })
      .def("__getitem__", &at, py::arg("index"), py::pos_only())
      .def("__iter__", &iterate)
      .def("__bool__", &no_truth_value<HeldVerdicts>);
  py::class_<HeldVerdict>(module, "Verdict", py::is_final())
      .def_property_readonly("allowed",
                             [](const HeldVerdict& self) { return self.get().allowed(); })
      .def_property_readonly("reason",
                             [](const HeldVerdict& self) { return code_name(self.get().reason()); })
      .def_property_readonly("denial", &show_denial)
      .def_property_readonly("message", &show_message)
      .def_property_readonly("policies", &show_policies)
      .def_property_readonly("pending", &show_pending)
      .def_property_readonly("record_id",
                             [](const HeldVerdict& self) { return text(self.get().record_id()); })
      .def("__bool__", &no_truth_value<HeldVerdict>);
  py::class_<HeldAnswer>(module, "Answer", py::is_final())
      .def(py::init([](std::uint32_t number, bool granted, std::string by, int status,
                       const py::bytes& body, std::uint32_t max_age) {
             return HeldAnswer{number, granted, std::move(by), status, std::string(body), max_age};
           }),
           py::kw_only(), py::arg("number"), py::arg("granted").noconvert() = false,
           py::arg("by") = "", py::arg("status") = 0, py::arg("body") = py::bytes(),
           py::arg("max_age") = 0);
}

}  // namespace mcpgov::python
