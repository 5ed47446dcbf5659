# Flags of our own code, and the functions that declare a room, a test and a program.

add_library(mcpgov_flags INTERFACE)
target_compile_features(mcpgov_flags INTERFACE cxx_std_20)
target_include_directories(mcpgov_flags INTERFACE "${PROJECT_SOURCE_DIR}/include"
                           "${PROJECT_SOURCE_DIR}/src")
if(MSVC)
  target_compile_options(mcpgov_flags INTERFACE /W4 $<$<BOOL:${MCPGOV_WERROR}>:/WX>)
else()
  target_compile_options(
    mcpgov_flags
    INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
              -Wimplicit-fallthrough $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
              $<$<BOOL:${MCPGOV_WERROR}>:-Werror>
              # GCC 12 sees overlaps in std::string that are not there (gcc.gnu.org/PR105651).
              $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
endif()
if(MCPGOV_SANITIZE)
  target_compile_options(mcpgov_flags INTERFACE -fsanitize=${MCPGOV_SANITIZE}
                         -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(mcpgov_flags INTERFACE -fsanitize=${MCPGOV_SANITIZE})
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
endif()

# mcpgov_room(NAME SOURCES a.cpp … [LIBRARIES target …])
# One folder of src/ as an object library. Rooms are joined into the library `mcpgov` by src/.
function(mcpgov_room name)
  cmake_parse_arguments(room "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(mcpgov_${name} OBJECT ${room_SOURCES})
  target_link_libraries(mcpgov_${name} PUBLIC mcpgov_flags ${room_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY MCPGOV_ROOMS mcpgov_${name})
  # Other rooms reach the library as objects; only system packages are linked.
  list(FILTER room_LIBRARIES EXCLUDE REGEX "^mcpgov")
  set_property(GLOBAL APPEND PROPERTY MCPGOV_LIBRARIES ${room_LIBRARIES})
endfunction()

# mcpgov_test(NAME SOURCES a_test.cpp … ROOMS base wire … [LIBRARIES target …])
# A doctest program build/…/bin/NAME that links the objects of the named rooms.
function(mcpgov_test name)
  cmake_parse_arguments(test "" "" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
  add_executable(${name} ${test_SOURCES} "${PROJECT_SOURCE_DIR}/tests/support/main.cpp")
  list(TRANSFORM test_ROOMS PREPEND mcpgov_)
  target_link_libraries(${name} PRIVATE mcpgov_flags ${test_ROOMS} ${test_LIBRARIES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests"
                             "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(${name} PRIVATE MCPGOV_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name})
endfunction()
