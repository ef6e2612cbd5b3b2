// The channels that run in a process: made as the configuration says, each with its host, on whatever transport there is.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/sdk/attachments.h"
#include "broker/cli/channel_runner.h"
#include "broker/domain/result.h"
#include "broker/http/site.h"
#include "proto/fabu/time.h"

namespace fabu::cli {

// What channels are given of the process. All of it outlives them.
struct Surroundings {
  boost::asio::thread_pool& pool;  // for blocking work; joined before the channels go
  sdk::AttachmentSource& attachments;
  const Clock& clock;
  std::string base_url;  // of the public site, without a slash at the end
};

struct ChannelSet {
  std::vector<ChannelSetup> channels;
  http::SearchPage search;  // answers /search; empty = 404
};

// Makes the channels once the public address is known. May throw std::exception: the start then fails with its words.
using MakeChannels = std::function<ChannelSet(const Surroundings&)>;

// Where the hosts work. All of it outlives the crew.
struct CrewPlace {
  transport::WorkerEnd& transport;
  const Clock& clock;
  ops::Metrics& metrics;
  boost::asio::any_io_executor executor;
  NoteChannel note;  // may be empty
};

// hire(), start() once the executor runs, stop(). One thread.
class ChannelCrew {
 public:
  // Makes the channels and their hosts. Gives the page that answers searches, empty where none does.
  Result<http::SearchPage> hire(const MakeChannels&, const Surroundings&, const CrewPlace&);
  void start();
  // Lets the channels finish or give back what they hold. Idempotent.
  void stop();
  const std::vector<std::shared_ptr<ChannelRunner>>& runners() const { return runners_; }

 private:
  std::vector<std::shared_ptr<ChannelRunner>> runners_;
};

}  // namespace fabu::cli
