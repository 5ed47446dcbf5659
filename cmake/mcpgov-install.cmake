# Installing the library so that find_package(mcpgov) and pkg-config find it.
# Proven by tests/install, which builds a consumer in both ways.
include(CMakePackageConfigHelpers)

set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/mcpgov")
get_property(used GLOBAL PROPERTY MCPGOV_LIBRARIES)
list(REMOVE_DUPLICATES used)

# An archive passes its dependencies on to whoever links it; a shared library keeps them to itself.
get_target_property(kind mcpgov TYPE)
set(MCPGOV_CONFIG_DEPENDENCIES "")
set(packages "")
if(kind STREQUAL "STATIC_LIBRARY")
  foreach(target IN LISTS used)
    string(APPEND MCPGOV_CONFIG_DEPENDENCIES "mcpgov_dependency_of(${target})\n")
  endforeach()
endif()
foreach(target IN LISTS used)
  if(target STREQUAL "simdjson::simdjson")
    list(APPEND packages simdjson)
  elseif(target MATCHES "^yaml-cpp")
    list(APPEND packages yaml-cpp)
  elseif(target STREQUAL "re2::re2")
    list(APPEND packages re2)
  elseif(target STREQUAL "OpenSSL::Crypto")
    list(APPEND packages libcrypto)
  elseif(target STREQUAL "zstd::libzstd")
    list(APPEND packages libzstd)
  elseif(target STREQUAL "CURL::libcurl")
    list(APPEND packages libcurl)
  elseif(target STREQUAL "rdkafka::rdkafka")
    list(APPEND packages rdkafka)
  elseif(target STREQUAL "fmt::fmt")
    list(APPEND packages fmt)
  endif()
endforeach()
list(JOIN packages ", " packages)
set(MCPGOV_PC_REQUIRES "")
set(MCPGOV_PC_REQUIRES_PRIVATE "")
set(MCPGOV_PC_LIBS "")
if(kind STREQUAL "STATIC_LIBRARY")
  set(MCPGOV_PC_REQUIRES "${packages}")
  set(MCPGOV_PC_LIBS " -pthread")
else()
  set(MCPGOV_PC_REQUIRES_PRIVATE "${packages}")
endif()

install(TARGETS mcpgov EXPORT mcpgov-targets
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
        FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
# The C ABI is shared whatever the library is, and shows no C++ in its header or its symbols.
install(TARGETS mcpgov_c EXPORT mcpgov-targets
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
        FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
if(TARGET mcpgov_cli)
  install(TARGETS mcpgov_cli RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(EXPORT mcpgov-targets NAMESPACE mcpgov:: DESTINATION "${config_dir}")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/mcpgov-config.cmake.in"
                              "${PROJECT_BINARY_DIR}/mcpgov-config.cmake"
                              INSTALL_DESTINATION "${config_dir}")
# Below 1.0 a minor version may break the API.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/mcpgov-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/mcpgov-config.cmake"
              "${PROJECT_BINARY_DIR}/mcpgov-config-version.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/mcpgov-dependencies.cmake"
        DESTINATION "${config_dir}")

configure_file("${PROJECT_SOURCE_DIR}/cmake/mcpgov.pc.in" "${PROJECT_BINARY_DIR}/mcpgov.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/mcpgov.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
