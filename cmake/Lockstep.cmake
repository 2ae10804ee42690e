# The two ways in which a target of this project is made, so that warnings, include roots and labels
# are the same everywhere.

# The sanitizer presets let -Wmaybe-uninitialized warn only: g++ 12 sees uninitialised members of std::regex and
# std::map in what it sanitizes; there are none.
add_library(lockstep_warnings INTERFACE)
target_compile_options(lockstep_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wformat=2)
if(LOCKSTEP_DEVELOPER_MODE)
  target_compile_options(lockstep_warnings INTERFACE -Werror)
endif()

add_custom_target(unit_tests)
add_custom_target(thread_tests)

# Where a preset asks for it, several sources are compiled together. Sources named after APART are not:
# they share a name in their unnamed namespaces with another; APART ALL says so of the whole target.
function(lockstep_compile_apart target)
  if("${ARGN}" STREQUAL "ALL")
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  elseif(ARGN)
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# lockstep_library(<name> SOURCES a.cpp ... [PUBLIC dep ...] [PRIVATE dep ...] [APART a.cpp ...])
# A static library `lockstep_<name>` with the alias `lockstep::<name>`. Includes are written from the
# project root ("model/vocab/enums.hpp"). A library without sources is an interface library.
function(lockstep_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE;APART" ${ARGN})
  set(target lockstep_${name})
  set(roots $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}> $<INSTALL_INTERFACE:include/lockstep>)
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    lockstep_compile_apart(${target} ${arg_APART})
    target_include_directories(${target} PUBLIC ${roots})
    target_link_libraries(${target} PUBLIC ${arg_PUBLIC}
                          PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:lockstep_warnings>)
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${roots})
    target_link_libraries(${target} INTERFACE ${arg_PUBLIC})
  endif()
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  add_library(lockstep::${name} ALIAS ${target})
endfunction()

# lockstep_test(<name> SOURCES a_test.cpp ... [DEPS dep ...] [LABELS unit ...] [TIMEOUT_S n]
#               [APART a_test.cpp ...|ALL] [SERIAL])
# A GoogleTest executable `<name>_test`; each of its tests becomes a ctest test with the labels
# (default: unit) and a time limit. SERIAL: the tests of this executable never run beside others.
#
# AddressSanitizer runs the tests labelled unit, ThreadSanitizer those labelled threads (chosen by
# name in its preset); the targets
# unit_tests and thread_tests build just those.
function(lockstep_test name)
  if(NOT LOCKSTEP_DEVELOPER_MODE)
    return()
  endif()
  cmake_parse_arguments(arg "SERIAL" "TIMEOUT_S" "SOURCES;DEPS;LABELS;APART" ${ARGN})
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  if(NOT arg_TIMEOUT_S)
    set(arg_TIMEOUT_S 60)
  endif()
  set(target ${name}_test)
  add_executable(${target} ${arg_SOURCES})
  lockstep_compile_apart(${target} ${arg_APART})
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${arg_DEPS} GTest::gmock GTest::gtest_main lockstep_warnings)
  target_compile_options(${target} PRIVATE ${LOCKSTEP_TEST_OPTIONS})
  if("unit" IN_LIST arg_LABELS)
    add_dependencies(unit_tests ${target})
  endif()
  if("threads" IN_LIST arg_LABELS)
    add_dependencies(thread_tests ${target})
  endif()
  # Discovery hands properties on as a flat list, so only one label can be given: the first.
  list(GET arg_LABELS 0 label)
  set(properties LABELS ${label} TIMEOUT ${arg_TIMEOUT_S})
  if(arg_SERIAL)
    list(APPEND properties RUN_SERIAL TRUE)
  endif()
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}/"
                       WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" PROPERTIES ${properties})
endfunction()
