# Writes a C++ file that holds the lines of a text file, so that a program needs no file at run time.
# Run as: cmake -DINPUT=<text> -DOUTPUT=<cpp> -P embed.cmake
file(READ "${INPUT}" text)
string(FIND "${text}" ")clauses\"" clash)
if(NOT clash EQUAL -1)
  message(FATAL_ERROR "${INPUT}: contains the delimiter of the raw strings; choose another one in embed.cmake")
endif()
string(REGEX REPLACE "\n$" "" text "${text}")
string(REPLACE "\n" ")clauses\",\n    R\"clauses(" text "${text}")
file(WRITE "${OUTPUT}"
"// Made from clauses.json by embed.cmake.
#include \"conformance/clauses/embedded.hpp\"

namespace lockstep::conformance {

const std::vector<std::string_view>& embedded_lines() {
  static const std::vector<std::string_view> lines{
    R\"clauses(${text})clauses\"};
  return lines;
}

}  // namespace lockstep::conformance
")
