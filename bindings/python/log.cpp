// The log of a governor: its health, its metrics, and waiting for it.
// Tested by tests/python/test_audit.py
//
// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include <pybind11/stl.h>

#include "host.hpp"

namespace mcpgov::python {

namespace {

std::string_view name_of(audit::State state) noexcept {
  switch (state) {
    case audit::State::healthy: return "healthy";
    case audit::State::degraded: return "degraded";
    case audit::State::failed: return "failed";
  }
  return "failed";
}

// A governor without a log has none of what this module asks for.
audit::Log& log_of(const Governor& governor) {
  audit::Log* const log = governor.log();
  if (log == nullptr) {
    throw py::value_error("the governor has no log: set `audit.directory` in its configuration");
  }
  return *log;
}

py::dict health(const Governor& governor) {
  const audit::Health now = log_of(governor).health();
  py::dict out;
  out["state"] = name_of(now.state);
  out["detail"] = now.detail;
  out["log"] = now.log;
  out["begun"] = now.begun;
  out["ended"] = now.ended;
  out["stored"] = now.stored;
  out["durable"] = now.durable;
  out["open"] = now.open;
  out["lost"] = now.lost;
  out["missed"] = now.missed;
  out["stalls"] = now.stalls;
  out["stalled_ns"] = now.stalled_ns;
  out["ring_bytes"] = now.ring_bytes;
  out["disk_free_bytes"] = now.disk_free_bytes;
  out["sync_p99_us"] = now.sync_p99_us;
  return out;
}

}  // namespace

std::uint32_t milliseconds(double seconds) {
  // A day; more is a mistake of units.
  if (!(seconds >= 0 && seconds <= 86'400)) throw py::value_error("within is in seconds");
  return static_cast<std::uint32_t>(seconds * 1000);
}

namespace {

// Threads of their own: everything that may wait for them does so without the GIL.
struct HeldSinks {
  net::Sinks sinks;
  ~HeldSinks() {
    const py::gil_scoped_release released;
    sinks.stop(0);
  }
};

std::unique_ptr<HeldSinks> start(const Governor& governor) {
  auto started = [&] {
    const py::gil_scoped_release released;
    return net::start_sinks(governor);
  }();
  return std::unique_ptr<HeldSinks>(new HeldSinks{value_or_raise(std::move(started))});
}

bool stop(HeldSinks& self, double within) {
  const std::uint32_t within_ms = milliseconds(within);
  const py::gil_scoped_release released;
  return self.sinks.stop(within_ms);
}

py::list status(const HeldSinks& self) {
  py::list out;
  for (const net::SinkStatus& each : self.sinks.status()) {
    py::dict shown;
    shown["name"] = each.name;
    shown["exporting"] = each.exporting;
    shown["sent"] = each.sent;
    shown["rejected"] = each.rejected;
    shown["retries"] = each.retries;
    shown["behind_ms"] = each.behind_ms;
    shown["error"] = text(each.error);
    out.append(shown);
  }
  return out;
}

}  // namespace

void add_sinks(py::module_& module) {
  py::class_<HeldSinks>(module, "Sinks", py::is_final())
      .def_static("start", &start, py::arg("governor"), py::keep_alive<0, 1>())
      .def("stop", &stop, py::kw_only(), py::arg("within") = 5.0)
      .def_property_readonly("status", &status)
      .def("__enter__", [](py::object self) { return self; })
      .def("__exit__",
           [](HeldSinks& self, const py::args&) { static_cast<void>(stop(self, 5.0)); });
}

void add_log(py::class_<Governor>& governor) {
  governor.def_property_readonly("audit_health", &health)
      .def_property_readonly("metrics", [](const Governor& self) { return log_of(self).metrics(); })
      .def(
          "flush",
          [](const Governor& self, double within) {
            audit::Log& log = log_of(self);
            const std::uint32_t within_ms = milliseconds(within);
            const py::gil_scoped_release released;
            return log.flush(within_ms);
          },
          py::kw_only(), py::arg("within") = 5.0);
}

}  // namespace mcpgov::python
