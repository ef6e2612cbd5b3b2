#include "broker/http/batch.h"

#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "broker/http/message_body.h"

namespace fabu::http {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kTogether = 64 << 10;  // answers that are ready are sent together, up to about so much

std::string framed(const v1::BatchAnswer& answer, BatchReader::Form form) {
  if (form == BatchReader::Form::lines) return json_text(answer) + "\n";
  const std::string bytes = answer.SerializeAsString();
  std::string out;
  for (std::size_t size = bytes.size();; size >>= 7) {
    if (size < 0x80) {
      out.push_back(static_cast<char>(size));
      break;
    }
    out.push_back(static_cast<char>((size & 0x7F) | 0x80));
  }
  return out + bytes;
}

void log_escape(const std::exception_ptr& error) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    spdlog::error("event=http_batch_failed what=\"{}\"", e.what());
  }
}

}  // namespace

class Batch::Answers final : public BodyStream {
 public:
  explicit Answers(std::shared_ptr<Batch> batch) : batch_(std::move(batch)) {}
  ~Answers() override { batch_->abandon(); }
  asio::awaitable<Result<std::string>> next() override { return batch_->next(); }

 private:
  std::shared_ptr<Batch> batch_;
};

Batch::Batch(std::shared_ptr<BodySource> body, Submit submit, Refuse refuse, BatchOptions options)
    : body_(std::move(body)), submit_(std::move(submit)), refuse_(std::move(refuse)), options_(options) {}

std::shared_ptr<BodyStream> Batch::stream(std::shared_ptr<Batch> batch) {
  return std::make_shared<Answers>(std::move(batch));
}

void Batch::ring() {
  if (answered_) answered_->cancel();
  if (roomy_ && !full()) roomy_->cancel();
}

void Batch::abandon() {
  abandoned_ = true;
  body_.reset();
  if (answered_) answered_->cancel();
  if (roomy_) roomy_->cancel();
}

asio::awaitable<Result<std::string>> Batch::next() {
  if (!answered_) {
    const auto executor = co_await asio::this_coro::executor;
    answered_.emplace(executor, asio::steady_timer::time_point::max());
    roomy_.emplace(executor, asio::steady_timer::time_point::max());
    asio::co_spawn(executor, read(shared_from_this()), log_escape);
  }
  std::string out;
  for (;;) {
    while (!answers_.empty() && answers_.front() && out.size() < kTogether) {
      unsent_ -= answers_.front()->size();
      out += *answers_.front();
      answers_.pop_front();
      ++first_;
    }
    if (!out.empty() || (read_all_ && answers_.empty())) break;
    co_await answered_->async_wait(asio::as_tuple(asio::use_awaitable));
  }
  ring();
  co_return out;
}

asio::awaitable<void> Batch::room() {
  while (full() && !abandoned_) co_await roomy_->async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> Batch::read(std::shared_ptr<Batch> self) {
  struct Over {
    Batch& batch;
    ~Over() {
      batch.read_all_ = true;
      batch.ring();
    }
  };
  const Over over{*self};
  const auto executor = co_await asio::this_coro::executor;
  BatchReader reader(self->options_.takes, self->options_.most_bytes);
  std::uint32_t line = 0;
  for (bool more = true; more;) {
    const auto body = self->body_;
    if (!body) co_return;
    const auto piece = co_await body->read();
    if (piece && !piece->empty()) {
      reader.feed(*piece);
    } else {
      more = false;
      if (piece) reader.end();
    }
    while (auto entry = reader.next()) {
      co_await self->room();
      if (self->abandoned_) co_return;
      self->answers_.emplace_back();
      if (entry->fault) {
        self->answer(line++, self->refuse_(*entry->fault));
        more = more && !entry->last;
        continue;
      }
      ++self->under_way_;
      asio::co_spawn(executor, submit(self, line++, std::move(entry->bytes)), log_escape);
    }
    if (!piece) {  // what was cut off cannot be told from what never came: one answer says so
      self->answers_.emplace_back();
      self->answer(line++, self->refuse_(piece.error()));
    }
  }
}

asio::awaitable<void> Batch::submit(std::shared_ptr<Batch> self, std::uint32_t line, std::string bytes) {
  v1::BatchAnswer given;
  bool failed = false;
  try {
    given = co_await self->submit_(std::move(bytes));
  } catch (const std::exception& e) {
    spdlog::error("event=http_batch_failed what=\"{}\"", e.what());
    failed = true;
  }
  if (failed) given = self->refuse_({ErrorCode::io, "", "The submission failed here.", "Send it again: that is safe.", {}});
  --self->under_way_;
  self->answer(line, std::move(given));
}

void Batch::answer(std::uint32_t line, v1::BatchAnswer answer) {
  answer.set_line(line);
  auto& place = answers_[line - first_];
  place = framed(answer, options_.gives);
  unsent_ += place->size();
  ring();
}

}  // namespace fabu::http
