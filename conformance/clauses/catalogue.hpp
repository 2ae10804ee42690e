// The clause catalogue: what the specification says, sentence by sentence, as data.
//
// Covers the five replication methods (226 clauses), the rules common to all (21), and the clauses
// of the supporting methods that the suite uses. The table is clauses.json, compiled in.
#pragma once

#include "model/vocab/answers.hpp"
#include "model/vocab/enums.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::conformance {

enum class Level : std::uint8_t {
  Shall,     // keyword or "Required" in the source
  Stated,    // a plain statement of the source, treated as binding
  Inferred,  // inferred by this project: a breach is a warning
  Should,
  May,
  Open,  // the sources are silent; the set lists everything a conforming provider may do
};

// One outcome of a set: a return code, a CIM status, or what became of the job.
struct Token {
  enum class Kind : std::uint8_t {
    Code,
    CimStatus,
    JobSucceeds,
    JobFails,
    Vendor,
    AnyLegal,
    AnyFailure,
    Any
  };
  Kind kind = Kind::Any;
  std::uint32_t number = 0;
  friend bool operator==(const Token&, const Token&) = default;
};

struct Clause {
  std::string id;      // "CER-34"
  std::string method;  // "CER"
  Level level = Level::Open;
  std::string statement;  // our words
  std::string observable;
  std::string source;
  std::string freedom;
  std::vector<Token> strict;
  std::vector<Token> tolerated;
  // Empty when the clause can be tested from outside; else why not, in one sentence.
  std::string untestable;
};

[[nodiscard]] const std::vector<Clause>& catalogue();
[[nodiscard]] const Clause* find_clause(std::string_view id);
[[nodiscard]] bool is_binding(Level level) noexcept;  // Shall, Stated
[[nodiscard]] const char* to_text(Level level) noexcept;

}  // namespace lockstep::conformance
