# libFuzzer programs (clang, preset `fuzz`), one per reader of bytes from outside.
add_custom_target(fuzzers)

# lockstep_fuzzer(<name> [DEPS dep ...]) builds <name>_fuzz.cpp, with inputs in corpus/<name>/ and, where
# it helps, the dictionary <name>.dict. Tests:
#   fuzz/<name>_corpus     every input of the corpus once
#   fuzz/<name>_short      five seconds more
#   fuzz-smoke/<name>      sixty seconds (nightly)
function(lockstep_fuzzer name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  set(target ${name}_fuzz)
  add_executable(${target} ${name}_fuzz.cpp)
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(${target} PRIVATE ${arg_DEPS} lockstep_warnings)
  add_dependencies(fuzzers ${target})

  set(corpus "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}")
  set(dictionary "${CMAKE_CURRENT_SOURCE_DIR}/${name}.dict")
  set(found "${CMAKE_CURRENT_BINARY_DIR}/found/${name}")  # new inputs go here, not into the source
  file(MAKE_DIRECTORY "${found}")
  set(options -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 "-artifact_prefix=${found}-")
  if(EXISTS "${dictionary}")
    list(APPEND options "-dict=${dictionary}")
  endif()
  add_test(NAME fuzz/${name}_corpus COMMAND ${target} ${options} -runs=0 "${corpus}")
  add_test(NAME fuzz/${name}_short COMMAND ${target} ${options} -max_total_time=5 "${found}" "${corpus}")
  add_test(NAME fuzz-smoke/${name} COMMAND ${target} ${options} -max_total_time=60 "${found}" "${corpus}")
  set_tests_properties(fuzz/${name}_corpus fuzz/${name}_short PROPERTIES LABELS fuzz TIMEOUT 120)
  set_tests_properties(fuzz-smoke/${name} PROPERTIES LABELS "fuzz;slow" TIMEOUT 300)
endfunction()
