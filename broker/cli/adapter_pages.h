// What an adapter process answers over HTTP: the public site that it writes, its search, and what monitors ask.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <string>

#include "broker/domain/result.h"
#include "broker/http/router.h"
#include "broker/http/site.h"

namespace fabu::cli {

struct AdapterPages {
  std::filesystem::path site;  // empty = none
  http::SearchPage search;     // empty = 404
  std::function<std::string()> metrics;
  std::function<Result<void>()> ready;
};

// The functions are called on the pool, which outlives the router.
http::Router adapter_router(AdapterPages, boost::asio::thread_pool& pool);

}  // namespace fabu::cli
