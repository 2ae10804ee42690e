# Writes OUTPUT, which says from which revision of SOURCE the program is built; only where that has changed, so
# that nothing is compiled again for it. Usage: cmake -DSOURCE=… -DOUTPUT=… -P revision.cmake
execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty --abbrev=12 --exclude "*"
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed OR NOT revision MATCHES "^[0-9a-f]+(-dirty)?$")
  set(revision "unknown")  # an archive, or no git
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT [[#include "cli/version.hpp"

const char* const lockstep::cli::kRevision = "@revision@";
]] @ONLY)
