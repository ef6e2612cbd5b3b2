#include "broker/cli/hearsay.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace fabu::cli {
namespace asio = boost::asio;

Hearsay::Hearsay(store::Store& store, flow::Dispatch& dispatch, transport::BrokerEnd& transport,
                 const flow::Installation& installation, const Clock& clock, flow::Events& events, asio::thread_pool& reads)
    : store_(store),
      dispatch_(dispatch),
      transport_(transport),
      installation_(installation),
      clock_(clock),
      events_(events),
      reads_(reads) {}

void Hearsay::when_pauses_change(std::function<void(const std::vector<store::PausedChannel>&)> tell) {
  pauses_ = std::move(tell);
}

// Dispatch is told first, so that a scan under way does not offer again what the transport is about to forget.
void Hearsay::heard(store::News news) {
  for (const auto& one : news.outdated) dispatch_.outdated(one.channel, one.delivery_id);
  const auto now = clock_.now();
  for (const auto& channel : news.everything ? installation_.channels : news.due) dispatch_.due(channel, now);
  const bool pauses = news.channels || news.everything;
  if (news.outdated.empty() && !pauses) return;
  asio::post(reads_, [this, outdated = std::move(news.outdated), pauses] {
    for (const auto& one : outdated) look_at(one);
    if (pauses) read_pauses();
  });
}

// What gave way may still be with a worker, who reports on it; its successor waits for that. What another broker settled or set
// back was reported on: nobody has it any more.
void Hearsay::look_at(const store::Outdated& one) {
  if (transport_.recall(one.delivery_id, one.channel)) return;
  const auto delivery = store_.delivery(one.delivery_id);
  if (!delivery) return events_.store_failed("look at " + one.delivery_id, delivery.error().what);
  if (delivery->state() != v1::DELIVERY_STATE_SUPERSEDED) transport_.forget(one.delivery_id, one.channel);
}

void Hearsay::read_pauses() {
  if (!pauses_) return;
  const auto all = store_.paused_channels();
  if (!all) return events_.store_failed("paused channels", all.error().what);
  pauses_(*all);
}

}  // namespace fabu::cli
