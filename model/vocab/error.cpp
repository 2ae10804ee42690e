#include "model/vocab/error.hpp"

namespace lockstep {

const char* to_text(Origin origin) noexcept {
  switch (origin) {
    case Origin::Usage:
      return "usage";
    case Origin::Config:
      return "config";
    case Origin::Transport:
      return "transport";
    case Origin::Target:
      return "target";
    case Origin::Provider:
      return "provider";
    case Origin::Internal:
      return "internal";
  }
  return "internal";
}

}  // namespace lockstep
