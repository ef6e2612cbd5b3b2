// The public site: a folder of files that the website channel writes, served as it stands.
//
// Files open from the folder downwards, one segment at a time and never through a link, so that no path leads out of it; names
// that begin with a dot do not exist for the public. An item whose folder holds `.gone` was withdrawn: its page is answered 410.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <string>

#include "broker/http/request.h"
#include "broker/http/response.h"

namespace fabu::http {

// Answers /search. Called on the pool; may block.
using SearchPage = std::function<Response(const Request&)>;

// Thread-safe.
class Site {
 public:
  // `folder` may be made later. `pool` does the reading.
  Site(std::filesystem::path folder, boost::asio::thread_pool& pool);

  // GET and HEAD: ETag and Last-Modified with their conditions, one byte range, 301 to a folder's own address, 404 with the
  // folder's 404.html, 410 for what was withdrawn.
  boost::asio::awaitable<Response> answer(Request request);

 private:
  Response read(const Request& request) const;

  std::filesystem::path folder_;
  boost::asio::thread_pool& pool_;
};

// What a browser must not do on pages of ours: no script, nothing from elsewhere, no framing.
void add_site_headers(Response&);

}  // namespace fabu::http
