# Tests of the source itself: format, imports, independence, clang-tidy.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(checks "${CMAKE_SOURCE_DIR}/cmake/checks")

add_test(NAME tidy/rules COMMAND Python3::Interpreter "${checks}/tidy.py" "${CMAKE_SOURCE_DIR}")
add_test(NAME tidy/rules_find_their_breaches COMMAND Python3::Interpreter "${checks}/tidy.py" --self-test)
add_test(NAME tidy/format COMMAND "${checks}/format.sh" "${CMAKE_SOURCE_DIR}")
add_test(NAME tidy/independence COMMAND "${checks}/independence.sh" "${CMAKE_BINARY_DIR}")
add_test(NAME tidy/clang_tidy COMMAND "${checks}/clang_tidy.sh" "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
set_tests_properties(tidy/rules tidy/rules_find_their_breaches tidy/format tidy/independence PROPERTIES LABELS tidy TIMEOUT 240)
set_tests_properties(tidy/clang_tidy PROPERTIES LABELS "tidy;slow" TIMEOUT 900 RUN_SERIAL TRUE)
