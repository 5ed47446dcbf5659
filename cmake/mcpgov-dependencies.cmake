# The system packages the library is built from, under one target name each. Used by the build and,
# installed beside mcpgov-config.cmake, by consumers of a static library. Nothing is downloaded.

# mcpgov_dependency(PACKAGE DEBIAN_PACKAGE TARGET)
# Finds PACKAGE and makes sure that TARGET exists, or stops with one line that says what to install.
# A macro, because find_package defines its targets and variables in the caller's scope.
macro(mcpgov_dependency package debian target)
  find_package(${package} QUIET)
  # yaml-cpp before 0.8 exports its target without a namespace.
  if(NOT TARGET ${target} AND TARGET ${package})
    add_library(${target} INTERFACE IMPORTED)
    set_property(TARGET ${target} PROPERTY INTERFACE_LINK_LIBRARIES ${package})
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR "mcpgov needs ${package}: install the Debian or Ubuntu package ${debian}")
  endif()
endmacro()

# mcpgov_plain_library(TARGET HEADER LIBRARY)
# Debian 12 builds some libraries without their CMake files: they are found by header and name.
macro(mcpgov_plain_library target header library)
  find_path(mcpgov_${library}_include ${header})
  find_library(mcpgov_${library}_library ${library})
  mark_as_advanced(mcpgov_${library}_include mcpgov_${library}_library)
  if(NOT TARGET ${target} AND mcpgov_${library}_include AND mcpgov_${library}_library)
    add_library(${target} UNKNOWN IMPORTED)
    set_target_properties(${target} PROPERTIES
      IMPORTED_LOCATION "${mcpgov_${library}_library}"
      INTERFACE_INCLUDE_DIRECTORIES "${mcpgov_${library}_include}")
  endif()
endmacro()

# librdkafka has no package for find_package on Debian.
macro(mcpgov_rdkafka)
  find_library(RDKAFKA_LIBRARY rdkafka)
  find_path(RDKAFKA_INCLUDE librdkafka/rdkafka.h)
  if(NOT RDKAFKA_LIBRARY OR NOT RDKAFKA_INCLUDE)
    message(FATAL_ERROR
            "mcpgov needs librdkafka: install the Debian or Ubuntu package librdkafka-dev")
  endif()
  if(NOT TARGET rdkafka::rdkafka)
    add_library(rdkafka::rdkafka UNKNOWN IMPORTED)
    set_target_properties(rdkafka::rdkafka PROPERTIES IMPORTED_LOCATION "${RDKAFKA_LIBRARY}"
                          INTERFACE_INCLUDE_DIRECTORIES "${RDKAFKA_INCLUDE}")
  endif()
endmacro()

# mcpgov_dependency_of(TARGET)
# The same by target name: this table is the only place that knows packages.
macro(mcpgov_dependency_of target)
  if("${target}" STREQUAL "simdjson::simdjson")
    mcpgov_dependency(simdjson libsimdjson-dev simdjson::simdjson)
  elseif("${target}" STREQUAL "nlohmann_json::nlohmann_json")
    mcpgov_dependency(nlohmann_json nlohmann-json3-dev nlohmann_json::nlohmann_json)
  elseif("${target}" MATCHES "^yaml-cpp")
    mcpgov_dependency(yaml-cpp libyaml-cpp-dev yaml-cpp::yaml-cpp)
  elseif("${target}" STREQUAL "re2::re2")
    find_package(re2 QUIET)
    mcpgov_plain_library(re2::re2 re2/re2.h re2)
    mcpgov_dependency(re2 libre2-dev re2::re2)
  elseif("${target}" STREQUAL "OpenSSL::Crypto")
    mcpgov_dependency(OpenSSL libssl-dev OpenSSL::Crypto)
  elseif("${target}" STREQUAL "Threads::Threads")
    mcpgov_dependency(Threads libc6-dev Threads::Threads)
  elseif("${target}" STREQUAL "CURL::libcurl")
    mcpgov_dependency(CURL libcurl4-openssl-dev CURL::libcurl)
  elseif("${target}" STREQUAL "zstd::libzstd")
    find_package(zstd QUIET)
    # zstd before 1.5.6 exports its two libraries and no name for either.
    if(NOT TARGET zstd::libzstd AND TARGET zstd::libzstd_shared)
      add_library(zstd::libzstd INTERFACE IMPORTED)
      set_property(TARGET zstd::libzstd PROPERTY INTERFACE_LINK_LIBRARIES zstd::libzstd_shared)
    endif()
    mcpgov_dependency(zstd libzstd-dev zstd::libzstd)
  elseif("${target}" STREQUAL "rdkafka::rdkafka")
    mcpgov_rdkafka()
  elseif("${target}" STREQUAL "fmt::fmt")
    mcpgov_dependency(fmt libfmt-dev fmt::fmt)
  elseif("${target}" STREQUAL "CLI11::CLI11")
    mcpgov_dependency(CLI11 libcli11-dev CLI11::CLI11)
  elseif("${target}" STREQUAL "doctest::doctest")
    mcpgov_dependency(doctest doctest-dev doctest::doctest)
  elseif("${target}" STREQUAL "benchmark::benchmark")
    mcpgov_dependency(benchmark libbenchmark-dev benchmark::benchmark)
  else()
    message(FATAL_ERROR "${target} has no line in cmake/mcpgov-dependencies.cmake")
  endif()
endmacro()
