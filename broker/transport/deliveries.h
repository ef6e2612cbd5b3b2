// What a transport reads from deliveries and their reports.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <string>

namespace fabu::transport {

// The report ends the worker's lease. Progress and observations leave the delivery with its worker.
inline bool ends_lease(const v1::Report& report) {
  switch (report.outcome_case()) {
    case v1::Report::kDelivered:
    case v1::Report::kSetback:
    case v1::Report::kReturned:
      return true;
    case v1::Report::kProgress:
    case v1::Report::kObservation:
    case v1::Report::OUTCOME_NOT_SET:
      return false;
  }
  return false;
}

// The channel of a delivery's id, "{item}-{edition}-{channel}"; empty when it is no such id.
inline std::string channel_of(const std::string& delivery_id) {
  const auto first = delivery_id.find('-');
  if (first == std::string::npos) return {};
  const auto second = delivery_id.find('-', first + 1);
  return second == std::string::npos ? std::string{} : delivery_id.substr(second + 1);
}

}  // namespace fabu::transport
