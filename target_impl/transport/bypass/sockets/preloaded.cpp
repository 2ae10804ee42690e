// What makes the library, beside interposed.cpp: every connection of the program may go over.
#include "target_impl/transport/bypass/sockets/consent.hpp"

namespace {

__attribute__((constructor)) void consent() {
  lockstep::transport::bypass::consent_to_all_connections();
}

}  // namespace
