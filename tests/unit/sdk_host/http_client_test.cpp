#include "adapters/sdk/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <future>
#include <optional>
#include <thread>

namespace fabu::sdk {
namespace asio = boost::asio;
namespace {

using Socket = asio::ip::tcp::socket;
using Answer = std::function<void(Socket&)>;

// Answers every connection in the way that the test says, one after the other.
class Peer {
 public:
  explicit Peer(Answer answer) : answer_(std::move(answer)), acceptor_(io_, {asio::ip::address_v4::loopback(), 0}) {
    thread_ = std::thread([this] {
      for (;;) {
        boost::system::error_code failed;
        Socket socket(io_);
        acceptor_.accept(socket, failed);
        if (failed || stopping_) return;
        asio::streambuf request;
        asio::read_until(socket, request, "\r\n\r\n", failed);
        answer_(socket);
      }
    });
  }
  ~Peer() {
    stopping_ = true;
    boost::system::error_code ignored;
    Socket knock(io_);
    knock.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + path;
  }

 private:
  Answer answer_;
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

Answer says(std::string text) {
  return [text = std::move(text)](Socket& socket) {
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer(text), ignored);
  };
}

// Reads until the other side goes: an answer that never comes.
void say_nothing(Socket& socket) {
  boost::system::error_code over;
  char byte = 0;
  while (!over) socket.read_some(asio::buffer(&byte, 1), over);
}

class HttpClientTest : public testing::Test {
 protected:
  Outcome<HttpAnswer> get(const std::string& url, HttpLimits limits = {}) { return wait(client_.get(url, limits)); }
  Outcome<HttpAnswer> exchange(const std::string& url, HttpLimits limits = {}) { return wait(client_.exchange(url, limits)); }
  Outcome<HttpAnswer> wait(asio::awaitable<Outcome<HttpAnswer>> call) {
    std::optional<Outcome<HttpAnswer>> answer;
    asio::co_spawn(io_, std::move(call), [&](std::exception_ptr failed, Outcome<HttpAnswer> outcome) {
      EXPECT_EQ(failed, nullptr);
      answer = std::move(outcome);
    });
    io_.restart();
    io_.run_for(std::chrono::seconds(30));
    if (!answer) return failure(v1::FAILURE_CLASS_RETRY, "test.hung", "no answer in 30 s");
    return std::move(*answer);
  }

  asio::io_context io_{1};
  asio::thread_pool pool_{1};
  SystemClock clock_;
  HttpClient client_{pool_, clock_};
};

TEST_F(HttpClientTest, ReadsAnAnswerWithItsHeaders) {
  const Peer peer(says("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX-One:  a b \r\nX-ONE: c\r\nX-Empty:\r\n\r\n政务"));
  const auto answer = get(peer.url());
  ASSERT_TRUE(answer) << answer.error().ShortDebugString();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "政务");
  EXPECT_EQ(answer->headers.at("x-one"), "c");
  EXPECT_EQ(answer->headers.at("x-empty"), "");
  EXPECT_EQ(answer->url, peer.url());
}

TEST_F(HttpClientTest, ExchangeGivesEveryStatusGetOnlyTheGood) {
  const Peer peer(says("HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\ngone"));
  EXPECT_EQ(exchange(peer.url())->body, "gone");
  EXPECT_EQ(get(peer.url()).error().code(), "http.410");
}

TEST_F(HttpClientTest, AThrottlingServerSaysUntilWhen) {
  const Peer peer(says("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"));
  const auto answer = get(peer.url());
  EXPECT_EQ(answer.error().failure_class(), v1::FAILURE_CLASS_THROTTLED);
  EXPECT_NEAR(static_cast<double>(answer.error().not_before_ms()), static_cast<double>(to_ms(clock_.now()) + 3'600'000), 60'000);
}

TEST_F(HttpClientTest, FollowsNoRedirectUnlessAsked) {
  const Peer target(says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  const Peer peer(says("HTTP/1.1 302 Found\r\nLocation: " + target.url("/there") + "\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(get(peer.url()).error().code(), "http.302");
  const auto followed = get(peer.url(), {.redirects = 1});
  ASSERT_TRUE(followed);
  EXPECT_EQ(followed->url, target.url("/there"));
}

TEST_F(HttpClientTest, NeverFollowsARedirectToAnotherScheme) {
  const Peer peer(says("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(get(peer.url(), {.redirects = 5}).error().code(), "http.url");
}

TEST_F(HttpClientTest, EndsARingOfRedirects) {
  const Peer peer(says("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(get(peer.url(), {.redirects = 3}).error().code(), "http.redirects");
}

TEST_F(HttpClientTest, BoundsTheSizeWhetherAnnouncedOrNot) {
  const Peer announced(says("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x')));
  EXPECT_EQ(get(announced.url(), {.max_bytes = 1000}).error().code(), "http.too-large");
  const Peer silent(says("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(2000, 'x')));
  const auto answer = get(silent.url(), {.max_bytes = 1000});
  EXPECT_EQ(answer.error().code(), "http.too-large");
  EXPECT_EQ(answer.error().failure_class(), v1::FAILURE_CLASS_REJECTED);
  EXPECT_EQ(get(silent.url(), {.max_bytes = 2000})->body.size(), 2000u);
}

TEST_F(HttpClientTest, BoundsTheTimeOfAServerThatSaysNothing) {
  const Peer peer(say_nothing);
  const auto answer = get(peer.url(), {.timeout = std::chrono::milliseconds(200)});
  EXPECT_EQ(answer.error().code(), "http.timeout");
  EXPECT_EQ(answer.error().failure_class(), v1::FAILURE_CLASS_RETRY);
}

TEST_F(HttpClientTest, BoundsTheTimeOfAServerThatBeginsAndStalls) {
  const Peer peer([](Socket& socket) {
    says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")(socket);
    say_nothing(socket);
  });
  EXPECT_EQ(get(peer.url(), {.timeout = std::chrono::milliseconds(200)}).error().code(), "http.timeout");
}

TEST_F(HttpClientTest, TellsACutAnswerFromAWholeOne) {
  const Peer half(says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
  EXPECT_EQ(get(half.url()).error().code(), "http.cut-short");
  const Peer chunk(says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"));
  EXPECT_EQ(get(chunk.url()).error().code(), "http.cut-short");
  const Peer empty([](Socket&) {});
  EXPECT_EQ(get(empty.url()).error().code(), "http.cut-short");
  EXPECT_EQ(get(empty.url()).error().failure_class(), v1::FAILURE_CLASS_RETRY);
}

TEST_F(HttpClientTest, TakesGarbageForNoAnswer) {
  for (const char* garbage : {"SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01\x02",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/9.9 abc\r\n\r\n"}) {
    const Peer peer(says(garbage));
    const auto answer = get(peer.url(), {.timeout = std::chrono::milliseconds(2000)});
    ASSERT_FALSE(answer) << garbage;
    EXPECT_EQ(answer.error().failure_class(), v1::FAILURE_CLASS_RETRY) << garbage << answer.error().code();
  }
}

TEST_F(HttpClientTest, AServerThatIsNotThereIsUnavailable) {
  std::string url;
  {
    const Peer gone(says(""));
    url = gone.url();
  }
  const auto answer = get(url);
  EXPECT_EQ(answer.error().code(), "http.connect");
  EXPECT_EQ(answer.error().failure_class(), v1::FAILURE_CLASS_UNAVAILABLE);
  EXPECT_EQ(get("http://no-such-name.invalid/").error().failure_class(), v1::FAILURE_CLASS_UNAVAILABLE);
}

TEST_F(HttpClientTest, RefusesWhatIsNotAWebAddress) {
  for (const char* url : {"file:///etc/passwd", "gopher://127.0.0.1/", "", "http://"}) {
    EXPECT_EQ(get(url).error().code(), "http.url") << url;
  }
}

TEST_F(HttpClientTest, RefusesPrivateAddressesWhenAsked) {
  const Peer peer(says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  const auto answer = get(peer.url(), {.public_only = true});
  EXPECT_EQ(answer.error().code(), "http.private-address");
  EXPECT_EQ(answer.error().failure_class(), v1::FAILURE_CLASS_REJECTED);
}

TEST_F(HttpClientTest, CanBeCancelled) {
  std::promise<void> asked;
  const Peer peer([&](Socket& socket) {
    asked.set_value();
    say_nothing(socket);
  });
  asio::cancellation_signal cancel;
  bool over = false;
  asio::co_spawn(io_, client_.get(peer.url(), {}),
                 asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr, Outcome<HttpAnswer>) { over = true; }));
  io_.poll();
  asked.get_future().wait();
  cancel.emit(asio::cancellation_type::terminal);
  io_.restart();
  io_.run_for(std::chrono::seconds(10));
  EXPECT_TRUE(over) << "long before its limit of 15 s";
}

}  // namespace
}  // namespace fabu::sdk
