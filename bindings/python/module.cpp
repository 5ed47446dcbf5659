// The Python module: its parts, and how errors become exceptions.
// Tested by tests/python/test_module.py
//
// SPDX-License-Identifier: Apache-2.0
#include <pybind11/gil_safe_call_once.h>

#include "host.hpp"

namespace mcpgov::python {

namespace {

// Outlives the interpreter, so that nothing is given back after its end.
py::object& error_type() {
  PYBIND11_CONSTINIT static py::gil_safe_call_once_and_store<py::object> storage;
  return storage
      .call_once_and_store_result([] {
        return py::reinterpret_steal<py::object>(
            PyErr_NewExceptionWithDoc("mcpgov.Error", "Why set-up failed.", nullptr, nullptr));
      })
      .get_stored();
}

void raise_failure(const Error& error) {
  const py::object raised = error_type()(text(error.text()));
  raised.attr("code") = static_cast<int>(error.code);
  raised.attr("name") = text(code_name(error.code));
  raised.attr("message") = text(error.message);
  raised.attr("file") = text(error.file);
  raised.attr("line") = error.line;
  raised.attr("column") = error.column;
  PyErr_SetObject(error_type().ptr(), raised.ptr());
}

}  // namespace

void add_error(py::module_& module) {
  module.attr("Error") = error_type();
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const Failure& failure) {
      raise_failure(failure.error);
    }
  });
}

}  // namespace mcpgov::python

PYBIND11_MODULE(_core, module) {
  module.doc() = "The compiled part of mcpgov; import mcpgov instead.";
  module.attr("__version__") = MCPGOV_VERSION;
  mcpgov::python::add_error(module);
  mcpgov::python::add_identity(module);
  mcpgov::python::add_views(module);
  mcpgov::python::add_calls(module);
  mcpgov::python::add_sinks(module);
}
