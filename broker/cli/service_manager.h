// What a service manager that asked for it is told (sd_notify(3)), without its library.
#pragma once

#include <string_view>

namespace fabu::cli {

// Sends e.g. "READY=1" to NOTIFY_SOCKET. Does nothing where that is not set or cannot be reached: a broker never fails for it.
void tell_service_manager(std::string_view state) noexcept;

}  // namespace fabu::cli
