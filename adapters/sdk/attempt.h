// One try of one delivery: look first where an earlier try may have had its effect, then publish or withdraw.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <boost/asio/awaitable.hpp>
#include <string>

#include "adapters/sdk/channel.h"
#include "broker/transport/transport.h"

namespace fabu::sdk {

// Keeps an adapter's notes with the broker. For one try; not thread-safe.
class ReportedProgress final : public Progress {
 public:
  ReportedProgress(transport::WorkerEnd& worker, const v1::Delivery& delivery)
      : worker_(worker), delivery_id_(delivery.id()), notes_(delivery.progress()) {}

  const std::string& notes() const override { return notes_; }
  // Throws std::length_error past 64 KiB (v1::Delivery.progress).
  boost::asio::awaitable<bool> save(std::string notes) override;
  // A save came back false: the delivery may be somebody else's by now.
  bool refused() const { return refused_; }

 private:
  transport::WorkerEnd& worker_;
  std::string delivery_id_;
  std::string notes_;
  bool refused_ = false;
};

// Never throws: what the adapter throws becomes a failure to retry, with the code adapter.exception. A receipt names its delivery
// and channel. Work and progress outlive the call; so does the channel.
boost::asio::awaitable<Outcome<v1::Receipt>> attempt(Channel& channel, const v1::Work& work, Progress& progress);

}  // namespace fabu::sdk
