// What a service tells systemd about itself: a datagram to $NOTIFY_SOCKET (sd_notify(3)).
#pragma once

#include <string_view>

namespace lockstep::target {

// "READY=1", "STOPPING=1". Does nothing when no one asked to be told; never blocks.
void notify_service_manager(std::string_view state) noexcept;

}  // namespace lockstep::target
