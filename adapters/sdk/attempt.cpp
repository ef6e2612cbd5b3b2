#include "adapters/sdk/attempt.h"

#include <exception>
#include <stdexcept>
#include <utility>

#include "adapters/sdk/settle.h"

namespace fabu::sdk {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kProgressBytes = 64 * 1024;

asio::awaitable<Outcome<v1::Receipt>> act(Channel& channel, const v1::Work& work, Progress& progress) {
  if (work.look_first()) {
    Outcome<std::optional<v1::Receipt>> found = co_await channel.find(work, progress.notes());
    if (!found) co_return found.error();
    if (found->has_value()) co_return std::move(**found);
  }
  if (work.delivery().action() == v1::ACTION_PUBLISH) {
    Outcome<v1::Receipt> published = co_await channel.publish(work, progress);
    co_return published;
  }
  if (work.delivery().action() == v1::ACTION_WITHDRAW) {
    Outcome<v1::Receipt> withdrawn = co_await channel.withdraw(work, progress);
    co_return withdrawn;
  }
  co_return failure(v1::FAILURE_CLASS_REJECTED, std::string(kUnknownAction),
                    "action " + std::to_string(work.delivery().action()) + " is unknown to this host");
}

}  // namespace

asio::awaitable<bool> ReportedProgress::save(std::string notes) {
  if (notes.size() > kProgressBytes) {
    throw std::length_error("progress of " + std::to_string(notes.size()) + " bytes; at most 65536 are kept");
  }
  v1::Report report;
  report.set_delivery_id(delivery_id_);
  report.set_progress(notes);
  const bool stored = co_await worker_.report(std::move(report));
  if (stored) {
    notes_ = std::move(notes);
  } else {
    refused_ = true;
  }
  co_return stored;
}

asio::awaitable<Outcome<v1::Receipt>> attempt(Channel& channel, const v1::Work& work, Progress& progress) {
  const std::string code(kAdapterException);
  std::string thrown;
  try {
    Outcome<v1::Receipt> outcome = co_await act(channel, work, progress);
    if (outcome) {
      outcome->set_delivery_id(work.delivery().id());
      outcome->set_channel(work.delivery().channel());
    }
    co_return outcome;
  } catch (const std::exception& e) {
    thrown = e.what();
  } catch (...) {
    thrown = "an exception of unknown type";
  }
  co_return failure(v1::FAILURE_CLASS_RETRY, code, thrown);
}

}  // namespace fabu::sdk
