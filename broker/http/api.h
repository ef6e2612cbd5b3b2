// The v1 API, the log, the public site and what operators ask of a server: which routes there are and what answers them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "broker/domain/result.h"
#include "broker/flow/inquiry.h"
#include "broker/flow/intake.h"
#include "broker/flow/operate.h"
#include "broker/http/auth.h"
#include "broker/http/router.h"
#include "broker/http/site.h"
#include "broker/store/store.h"
#include "proto/fabu/time.h"

namespace fabu::http {

// What answers requests. References must outlive the router.
struct ApiDeps {
  flow::Intake& intake;
  flow::Inquiry& inquiry;
  flow::Operate& operate;
  store::Store& store;
  Auth& auth;
  const Clock& clock;
  boost::asio::thread_pool& pool;        // for all that blocks; the functions below are called on it
  std::function<std::string()> metrics;  // the text of /metrics
  std::function<Result<void>()> ready;   // an error says what is not well (503)
  // The bytes of a file of the log: "checkpoint", "tile/0/x001/234", "tile/entries/000.p/12". not_found for any other.
  std::function<Result<std::string>(const std::string& path)> log;
  SearchPage search;           // empty = 404
  std::filesystem::path site;  // public folder; empty = none
  std::uint64_t max_attachment = 100ULL << 20;
  unsigned max_in_flight = 2048;  // submissions that are decoded, checked or stored at a time; more are answered busy
};

Router make_router(ApiDeps deps);

// The bounds that the routes declare, bytes.
inline constexpr std::uint64_t kMaxItem = 2U << 20;
inline constexpr std::uint64_t kMaxBatch = 64U << 20;
inline constexpr std::uint64_t kMaxSmall = 64U << 10;

}  // namespace fabu::http
