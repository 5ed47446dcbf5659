// How the objects of the library live under Python: who waits for whom, and when the GIL is let go.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pybind11/pybind11.h>

#include "mcpgov/mcpgov.hpp"

namespace mcpgov::python {

namespace py = pybind11;

// True while this thread runs a sink of the host's.
inline bool& inside_sink() noexcept {
  thread_local bool inside = false;
  return inside;
}

// What the garbage collector dropped while this thread ran a sink: its records cannot be closed
// from within another record, so they are closed after it.
inline std::vector<std::shared_ptr<void>>& dropped_in_sink() noexcept {
  thread_local std::vector<std::shared_ptr<void>> dropped;
  return dropped;
}

// Before anything is taken from a verdict: the record of a sink's own call could not be closed.
inline void refuse_inside_sink() {
  if (inside_sink()) throw std::runtime_error("a sink must not call mcpgov");
}

// Lets one thread at a time use an object. The GIL goes before the wait: whoever is inside may need
// it to call a sink. Locks are therefore always taken before the GIL and never while it is held.
class Alone {
 public:
  explicit Alone(std::mutex& lock) : hold_(lock) {
    std::vector<std::shared_ptr<void>> gone;
    gone.swap(dropped_in_sink());
  }

 private:
  py::gil_scoped_release released_;
  std::lock_guard<std::mutex> hold_;
};

// Destroys what may close a record, and with it call a sink: without the GIL, and not inside a
// sink.
template <class T>
void drop(T& open) noexcept {
  if (inside_sink()) {
    try {
      dropped_in_sink().push_back(std::make_shared<T>(std::move(open)));
      return;
    } catch (const std::bad_alloc&) {
      return;  // closed here and now, by the destructor of `open`
    }
  }
  const py::gil_scoped_release released;
  const T closed(std::move(open));
}

struct HeldSession {
  explicit HeldSession(Session&& opened) : session(std::move(opened)) {}
  ~HeldSession() { drop(session); }
  Session session;
  std::mutex lock;
};

struct HeldReply {
  ~HeldReply() { drop(reply); }
  Reply reply;
  std::mutex lock;
};

struct HeldVerdicts {
  HeldVerdicts() = default;
  HeldVerdicts(const HeldVerdicts&) = delete;
  HeldVerdicts& operator=(const HeldVerdicts&) = delete;
  ~HeldVerdicts() { drop(each); }
  std::vector<Verdict> each;
  bool batch = false;
};

// One of them. Read and moved from with the GIL held only.
struct HeldVerdict {
  std::shared_ptr<HeldVerdicts> all;
  std::size_t index = 0;
  Verdict& get() const noexcept { return all->each[index]; }
};

struct HeldAnswer {
  std::uint32_t number = 0;
  bool granted = false;
  std::string by;
  int status = 0;
  std::string body;
  std::uint32_t max_age_s = 0;
};

// Carries an Error to the translator, which raises it as mcpgov.Error.
struct Failure {
  Error error;
};

template <class T>
T value_or_raise(Result<T> result) {
  if (!result) throw Failure{result.error()};
  return *std::move(result);
}
inline void value_or_raise(const Result<void>& result) {
  if (!result) throw Failure{result.error()};
}

// Text of the library. It is UTF-8; what is not becomes a replacement character.
inline py::str text(std::string_view from) {
  PyObject* const out =
      PyUnicode_DecodeUTF8(from.data(), static_cast<py::ssize_t>(from.size()), "replace");
  if (out == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(out);
}

inline py::bytes bytes(std::string_view from) {
  return py::bytes(from.data(), from.size());
}

// The parts of the module, each in its own file.
void add_error(py::module_& module);
void add_views(py::module_& module);
void add_calls(py::module_& module);
void add_identity(py::module_& module);
void add_log(py::class_<Governor>& governor);
void add_sinks(py::module_& module);

// Of seconds as Python gives them. Throws: ValueError for what is no time to wait.
std::uint32_t milliseconds(double seconds);

}  // namespace mcpgov::python
