#include "broker/flow/afterwards.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <mutex>
#include <utility>
#include <vector>

namespace fabu::flow {
namespace asio = boost::asio;

struct Afterwards::State : std::enable_shared_from_this<State> {
  State(const asio::any_io_executor& executor, std::chrono::microseconds most)
      : patience(most), timer(asio::make_strand(executor)) {}

  void run() {
    std::vector<std::function<void()>> works;
    {
      const std::lock_guard lock(mutex);
      works.swap(waiting);
    }
    for (const auto& work : works) work();
  }

  // On the timer's strand. One that rings with nothing to do is cheaper than one that is set anew for each work.
  void wind() {
    timer.expires_after(patience);
    timer.async_wait([self = weak_from_this()](const boost::system::error_code&) {
      const auto state = self.lock();
      if (!state) return;
      {
        const std::lock_guard lock(state->mutex);
        state->wound = false;
      }
      state->run();
    });
  }

  const std::chrono::microseconds patience;
  asio::steady_timer timer;
  std::mutex mutex;  // guards the two below; never held while work runs
  std::vector<std::function<void()>> waiting;
  bool wound = false;
};

Afterwards::Afterwards(asio::any_io_executor executor, std::chrono::microseconds patience)
    : state_(std::make_shared<State>(executor, patience)) {}

Afterwards::~Afterwards() = default;

void Afterwards::add(std::function<void()> work) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->waiting.push_back(std::move(work));
    if (std::exchange(state_->wound, true)) return;
  }
  asio::post(state_->timer.get_executor(), [self = std::weak_ptr(state_)] {
    if (const auto state = self.lock()) state->wind();
  });
}

void Afterwards::now() {
  state_->run();
}

}  // namespace fabu::flow
