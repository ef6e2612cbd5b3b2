// Channels in a process of their own, near their outside world: works come over a transport, attachments over the broker's API.
// No store, no log. `fabu adapter` runs it on RabbitMQ; tests run it on the embedded transport.
#pragma once

#include <fabu/v1/transport.pb.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sdk/https_attachments.h"
#include "broker/cli/channel_crew.h"
#include "broker/domain/result.h"
#include "broker/transport/transport.h"
#include "proto/fabu/time.h"

namespace fabu::cli {

struct AdapterSetup {
  std::filesystem::path data;      // made when missing, for this process alone: copies of attachments, what channels keep
  std::vector<std::string> names;  // of the channels that `channels` makes
  MakeChannels channels;
  std::string base_url;  // of the public site
  sdk::HttpsAttachmentsOptions attachments;
  std::filesystem::path site;  // what HTTP serves; empty = nothing but /search, /healthz, /readyz and /metrics
  std::string listen_host;     // empty = it does not listen
  unsigned short listen_port = 0;
  std::optional<std::uint64_t> exit_before_report;  // fault_channel.h
};

// What the transport has to be told, and what it tells of itself.
struct AdapterHooks {
  std::function<void()> changed;  // a channel stopped, or goes on; may be empty
  std::function<bool()> up;       // whether the transport is there; empty = always
};

// Started when made; stopped by stop() or the destructor.
class AdapterProcess {
 public:
  // Locks the folder, makes the channels, listens and begins. The transport and the clock outlive it.
  static Result<std::unique_ptr<AdapterProcess>> start(AdapterSetup, transport::WorkerEnd&, const Clock&, AdapterHooks = {});
  ~AdapterProcess();
  AdapterProcess(const AdapterProcess&) = delete;
  AdapterProcess& operator=(const AdapterProcess&) = delete;

  unsigned short port() const;  // 0 when it does not listen
  // What operators switched elsewhere. Thread-safe.
  void switched(const v1::ChannelSwitches&);
  // How its channels stand. Thread-safe.
  std::vector<v1::ChannelView> views() const;
  // Lets channels finish or give back what they hold. Idempotent; one thread.
  void stop();

 private:
  struct Parts;
  explicit AdapterProcess(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace fabu::cli
