// A batch under way: submissions are read, up to a window of them submitted at a time, and answered in the order in which they
// came while the rest still arrives.
#pragma once

#include <fabu/v1/api.pb.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "broker/http/batch_reader.h"
#include "broker/http/request.h"
#include "broker/http/response.h"

namespace fabu::http {

struct BatchOptions {
  unsigned window = 64;          // submissions under way
  std::size_t unsent = 4 << 20;  // bytes of answers that wait for the client; beyond it nothing more is read
  BatchReader::Form takes = BatchReader::Form::lines;
  BatchReader::Form gives = BatchReader::Form::lines;
  std::size_t most_bytes = 2 << 20;  // of one submission
};

// All of it runs on the executor of whoever calls next() first, which must be a strand or a single thread.
class Batch : public std::enable_shared_from_this<Batch> {
 public:
  // Answers one submission's bytes; never throws for what they can cause.
  using Submit = std::function<boost::asio::awaitable<v1::BatchAnswer>(std::string bytes)>;
  // Words an error as an answer.
  using Refuse = std::function<v1::BatchAnswer(const Error&)>;
  Batch(std::shared_ptr<BodySource> body, Submit submit, Refuse refuse, BatchOptions options);

  // The stream of its answers. Dropping it ends the batch: what was submitted stays submitted.
  static std::shared_ptr<BodyStream> stream(std::shared_ptr<Batch> batch);

 private:
  class Answers;
  boost::asio::awaitable<Result<std::string>> next();
  void abandon();
  static boost::asio::awaitable<void> read(std::shared_ptr<Batch> self);
  static boost::asio::awaitable<void> submit(std::shared_ptr<Batch> self, std::uint32_t line, std::string bytes);
  void answer(std::uint32_t line, v1::BatchAnswer answer);
  boost::asio::awaitable<void> room();
  bool full() const { return under_way_ >= options_.window || unsent_ >= options_.unsent; }
  void ring();

  std::shared_ptr<BodySource> body_;
  Submit submit_;
  Refuse refuse_;
  BatchOptions options_;
  std::optional<boost::asio::steady_timer> answered_, roomy_;  // never expire; cancelled to wake who waits
  std::deque<std::optional<std::string>> answers_;             // from line first_ on; nothing = under way
  std::uint32_t first_ = 0;
  unsigned under_way_ = 0;
  std::size_t unsent_ = 0;
  bool read_all_ = false, abandoned_ = false;
};

}  // namespace fabu::http
