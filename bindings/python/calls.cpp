// Governors, sessions and replies: what Python calls.
// Tested by tests/python/test_module.py and tests/python/test_cases.py
//
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>

#include <pybind11/stl.h>

#include "host.hpp"
#include "incoming.hpp"

namespace mcpgov::python {

namespace {

// A callable of the host's. What it raises is shown by sys.unraisablehook, and refuses the line.
struct PythonSink {
  py::object call;

  static bool write(void* self, std::string_view line) noexcept {
    if (Py_IsInitialized() == 0) return false;
    const py::gil_scoped_acquire acquired;
    const py::error_scope outer;  // a record may end while an exception passes by
    inside_sink() = true;
    bool taken = false;
    try {
      const py::object& call = static_cast<PythonSink*>(self)->call;
      taken = call(bytes(line)).ptr() != Py_False;
    } catch (py::error_already_set& raised) {
      raised.discard_as_unraisable("the sink of mcpgov");
    } catch (...) {
      taken = false;
    }
    inside_sink() = false;
    return taken;
  }

  static void release(void* self) noexcept {
    // Without an interpreter there is nobody to give the reference back to.
    if (Py_IsInitialized() == 0) return;
    const py::gil_scoped_acquire acquired;
    delete static_cast<PythonSink*>(self);
  }
};

GovernorOptions options_with(const py::object& sink) {
  GovernorOptions options;
  if (sink.is_none()) return options;
  if (PyCallable_Check(sink.ptr()) == 0) throw py::type_error("the sink must be callable");
  auto* const context = new PythonSink{sink};
  options.sink = audit::to_callback(&PythonSink::write, context, &PythonSink::release);
  return options;
}

Governor open_governor(const py::object& path, const py::object& sink) {
  const auto name = py::module_::import("os").attr("fspath")(path).cast<std::string>();
  GovernorOptions options = options_with(sink);
  const py::gil_scoped_release released;
  return value_or_raise(Governor::open(name, std::move(options)));
}

Governor parse_governor(std::string_view configuration, const std::string& directory,
                        const py::object& sink) {
  GovernorOptions options = options_with(sink);
  const py::gil_scoped_release released;
  return value_or_raise(Governor::parse(configuration, directory, std::move(options)));
}

// The records of a replacement go to the sink, so that this must not happen inside one.
template <class Renew>
Generation renew(Renew renewal) {
  refuse_inside_sink();
  std::mutex nobody;
  const Alone alone(nobody);
  return value_or_raise(renewal());
}

template <std::size_t kCount>
std::size_t index_of(std::string_view word, const std::array<std::string_view, kCount>& words) {
  for (std::size_t at = 0; at < kCount; ++at) {
    if (word == words[at]) return at;
  }
  std::string sentence = "expected one of";
  for (const std::string_view known : words) sentence.append(" ").append(known);
  throw py::value_error(sentence);
}

constexpr std::array<std::string_view, 3> kTransports = {"stdio", "streamable_http", "http_sse"};
constexpr std::array<std::string_view, 2> kDirections = {"from_client", "from_server"};
constexpr std::array<std::string_view, 3> kFormats = {"automatic", "json", "event_stream"};

Caller read_caller(const py::object& members) {
  const auto json = py::module_::import("json").attr("dumps")(members).cast<std::string>();
  return value_or_raise(Caller::from_json(json));
}

// A Caller, or a mapping that is read as one; none.
class AnyCaller {
 public:
  explicit AnyCaller(const py::object& given) {
    if (given.is_none()) return;
    if (py::isinstance<Caller>(given)) {
      shown_ = &given.cast<const Caller&>();
    } else {
      shown_ = &read_.emplace(read_caller(py::dict(given)));
    }
  }
  AnyCaller(const AnyCaller&) = delete;
  AnyCaller& operator=(const AnyCaller&) = delete;
  const Caller* get() const noexcept { return shown_; }

 private:
  std::optional<Caller> read_;
  const Caller* shown_ = nullptr;
};

std::unique_ptr<HeldSession> open_session(const Governor& governor, std::string server,
                                          std::string tenant, std::string_view transport,
                                          std::string id, const py::object& caller) {
  SessionOptions options;
  options.server = std::move(server);
  options.tenant = std::move(tenant);
  options.transport = static_cast<Transport>(index_of(transport, kTransports));
  options.id = std::move(id);
  const AnyCaller given(caller);
  if (given.get() != nullptr) options.caller = *given.get();
  return std::make_unique<HeldSession>(governor.session(options));
}

std::shared_ptr<HeldVerdicts> receive(HeldSession& self, const py::bytes& body,
                                      std::string_view direction, std::string_view method,
                                      std::string_view url, const py::object& headers,
                                      std::string_view peer, const py::object& caller,
                                      const py::bytes& certificate, const py::iterable& chain) {
  refuse_inside_sink();
  const Shown request(headers, method, url, peer, certificate, chain);
  const AnyCaller given(caller);
  const identity::Presented shown = request.get();
  const Incoming incoming{.direction = static_cast<Direction>(index_of(direction, kDirections)),
                          .http = shown.http,
                          .peer = shown.peer,
                          .body = std::string_view(body),
                          .caller = given.get(),
                          .certificate = shown.certificate,
                          .chain = shown.chain};
  auto out = std::make_shared<HeldVerdicts>();
  const Alone alone(self.lock);
  Verdicts verdicts = self.session.receive(incoming);
  out->batch = verdicts.batch();
  out->each.reserve(verdicts.size());
  for (Verdict& verdict : verdicts) out->each.push_back(std::move(verdict));
  return out;
}

std::unique_ptr<HeldReply> reply(HeldSession& self, const HeldVerdict& verdict,
                                 std::string_view format) {
  refuse_inside_sink();
  const auto framing = static_cast<ReplyFormat>(index_of(format, kFormats));
  auto out = std::make_unique<HeldReply>();
  Verdict taken = std::move(verdict.get());
  const Alone alone(self.lock);
  out->reply = self.session.reply(taken, framing);
  return out;
}

void await_answer(HeldSession& self, const HeldVerdict& verdict) {
  refuse_inside_sink();
  Verdict taken = std::move(verdict.get());
  const Alone alone(self.lock);
  self.session.await_answer(taken);
}

HeldVerdict resume(HeldSession& self, const HeldVerdict& verdict, const py::iterable& answers) {
  refuse_inside_sink();
  std::vector<HeldAnswer> owned;
  for (const py::handle answer : answers) owned.push_back(answer.cast<const HeldAnswer&>());
  std::vector<Answer> shown;
  for (const HeldAnswer& answer : owned) {
    shown.push_back({answer.number,
                     answer.granted,
                     answer.by,
                     {0, answer.status, answer.body, answer.max_age_s}});
  }
  auto out = std::make_shared<HeldVerdicts>();
  out->each.resize(1);
  Verdict taken = std::move(verdict.get());
  const Alone alone(self.lock);
  out->each[0] = self.session.resume(taken, shown);
  return {std::move(out), 0};
}

// Without the lock: the session may be used by others meanwhile.
bool wait_recorded(HeldSession& self, const HeldVerdict& verdict, double within) {
  refuse_inside_sink();
  const std::uint32_t within_ms = milliseconds(within);
  const HeldVerdict kept = verdict;
  const py::gil_scoped_release released;
  return self.session.wait_recorded(kept.get(), within_ms);
}

void set_tools(HeldSession& self, std::string_view tools_json) {
  refuse_inside_sink();
  const Alone alone(self.lock);
  value_or_raise(self.session.set_tools(tools_json));
}

// What a reply returns lives until its next call, so that it is copied before the lock goes.
template <class Call>
py::bytes reply_bytes(HeldReply& self, Call call) {
  refuse_inside_sink();
  py::bytes out;
  {
    const Alone alone(self.lock);
    const std::string_view shown = call(self.reply);
    const py::gil_scoped_acquire acquired;
    out = bytes(shown);
  }
  return out;
}

template <class Call>
auto ask_reply(HeldReply& self, Call call) {
  refuse_inside_sink();
  const Alone alone(self.lock);
  return call(self.reply);
}

std::string_view sentence_of(std::string_view name) {
#define MCPGOV_ERROR(code, number, sentence) \
  if (name == #code) return sentence;
#include "mcpgov/error_codes.def"
  throw py::key_error(std::string(name));
}

void add_governor(py::module_& module) {
  py::class_<Generation>(module, "Generation", py::is_final())
      .def_readonly("number", &Generation::number)
      .def_readonly("digest", &Generation::digest)
      .def_readonly("warnings", &Generation::warnings);
  py::class_<Caller>(module, "Caller", py::is_final())
      .def(py::init([](const py::kwargs& members) { return read_caller(members); }))
      .def_property_readonly("kind", [](const Caller& self) { return kind_name(self.kind); })
      .def_readonly("issuer", &Caller::issuer)
      .def_readonly("subject", &Caller::subject)
      .def_readonly("tenant", &Caller::tenant)
      .def_readonly("client", &Caller::client)
      .def_readonly("groups", &Caller::groups)
      .def_readonly("roles", &Caller::roles)
      .def_readonly("scopes", &Caller::scopes);
  py::class_<Governor> governor(module, "Governor", py::is_final());
  governor
      .def_static("open", &open_governor, py::arg("path"), py::kw_only(),
                  py::arg("sink") = py::none())
      .def_static("parse", &parse_governor, py::arg("text"), py::kw_only(),
                  py::arg("directory") = "", py::arg("sink") = py::none())
      .def("session", &open_session, py::kw_only(), py::arg("server"), py::arg("tenant") = "",
           py::arg("transport") = "stdio", py::arg("id") = "", py::arg("caller") = py::none())
      .def(
          "replace",
          [](Governor& self, std::string_view text, const std::string& directory) {
            return renew([&] { return self.replace(text, directory); });
          },
          py::arg("text"), py::kw_only(), py::arg("directory") = "")
      .def("reload", [](Governor& self) { return renew([&] { return self.reload(); }); })
      .def_property_readonly("generation", &Governor::generation)
      .def("verifier", &Governor::verifier);
  add_log(governor);
}

}  // namespace

void add_calls(py::module_& module) {
  add_governor(module);
  module.def("code_sentence", &sentence_of, py::arg("name"));
  py::class_<HeldReply>(module, "Reply", py::is_final())
      .def(
          "feed",
          [](HeldReply& self, const py::bytes& data) {
            return reply_bytes(self,
                               [in = std::string_view(data)](Reply& r) { return r.feed(in); });
          },
          py::arg("data"))
      .def("end",
           [](HeldReply& self) { return reply_bytes(self, [](Reply& r) { return r.end(); }); })
      .def(
          "to_server",
          [](HeldReply& self) { return reply_bytes(self, [](Reply& r) { return r.to_server(); }); })
      .def_property_readonly(
          "http_status",
          [](HeldReply& self) { return ask_reply(self, [](Reply& r) { return r.http_status(); }); })
      .def_property_readonly("reason", [](HeldReply& self) {
        return code_name(ask_reply(self, [](Reply& r) { return r.reason(); }));
      });
  py::class_<HeldSession>(module, "Session", py::is_final())
      .def("receive", &receive, py::arg("body") = py::bytes(), py::kw_only(),
           py::arg("direction") = "from_client", py::arg("method") = "", py::arg("url") = "",
           py::arg("headers") = py::tuple(), py::arg("peer") = "", py::arg("caller") = py::none(),
           py::arg("certificate") = py::bytes(), py::arg("chain") = py::tuple())
      .def("reply", &reply, py::arg("verdict"), py::kw_only(), py::arg("format") = "automatic")
      .def("await_answer", &await_answer, py::arg("verdict"))
      .def("resume", &resume, py::arg("verdict"), py::arg("answers"))
      .def("wait_recorded", &wait_recorded, py::arg("verdict"), py::kw_only(),
           py::arg("within") = 5.0)
      .def("set_tools", &set_tools, py::arg("tools_json"))
      .def_property_readonly("wants_tools", [](HeldSession& self) {
        refuse_inside_sink();
        const Alone alone(self.lock);
        return self.session.wants_tools();
      });
}

}  // namespace mcpgov::python
