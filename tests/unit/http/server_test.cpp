#include "broker/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <thread>
#include <vector>

#include "broker/http/problem.h"
#include "unit/http/raw_client.h"

namespace fabu::http {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using testing::HasSubstr;

class Letters final : public BodyStream {
 public:
  explicit Letters(std::size_t count, bool fails = false) : left_(count), fails_(fails) {}
  asio::awaitable<Result<std::string>> next() override {
    if (left_ == 0 && fails_) co_return Error{ErrorCode::io, "", "", "", {}};
    const std::size_t size = std::min<std::size_t>(left_, 100'000);
    left_ -= size;
    co_return std::string(size, 'z');
  }

 private:
  std::size_t left_;
  bool fails_;
};

// Answers by path: what a test needs of a handler, and nothing of the API.
class Fake final : public Handler {
 public:
  std::atomic<int> answered{0};
  std::atomic<bool> hold{false};  // "/slow" waits for it to end

  asio::awaitable<Admission> admit(Request& request, std::optional<std::uint64_t> declared) override {
    request.path = request.target;
    Admission admission;
    admission.body_bound = 1000;
    admission.streamed = request.target == "/stream" || request.target == "/ignore";
    if (admission.streamed) admission.body_bound = 10 << 20;
    if (request.target == "/refuse" || declared.value_or(0) > admission.body_bound)
      admission.refusal = text_response(413, "text/plain", "no");
    co_return admission;
  }
  asio::awaitable<Response> answer(Request request) override {
    ++answered;
    if (request.target == "/slow") co_await wait();
    if (request.target == "/big") co_return streamed(5'000'000, 5'000'000, false);
    if (request.target == "/chunked") co_return streamed(300'000, std::nullopt, false);
    if (request.target == "/broken") co_return streamed(1000, std::nullopt, true);
    if (request.target == "/ignore") co_return text_response(200, "text/plain", "did not read");
    if (request.target == "/stream") {
      std::size_t size = 0;
      for (;;) {
        const auto piece = co_await request.stream->read();
        if (!piece) co_return problem_response(piece.error(), "", "");
        if (piece->empty()) break;
        size += piece->size();
      }
      co_return text_response(200, "text/plain", std::to_string(size));
    }
    co_return text_response(
        200, "text/plain",
        request.method + " " + request.target + " " + request.body + (request.local ? " local" : " " + request.address));
  }
  Response fault(WireFault fault) override {
    auto response = problem_response(problem_kind(fault), "", "", "");
    response.close = true;
    return response;
  }

 private:
  static Response streamed(std::size_t size, std::optional<std::uint64_t> length, bool fails) {
    auto response = text_response(200, "text/plain", "");
    response.stream = std::make_shared<Letters>(size, fails);
    response.length = length;
    return response;
  }
  asio::awaitable<void> wait() {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    while (hold) {
      timer.expires_after(milliseconds(1));
      co_await timer.async_wait(asio::use_awaitable);
    }
  }
};

struct ServerTest : testing::Test {
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  Fake fake;
  std::unique_ptr<Server> server;
  unsigned short port = 0;
  std::vector<std::thread> threads;

  void start(Limits limits = {}, int count = 2) {
    server = std::make_unique<Server>(io.get_executor(), fake, ServerOptions{limits, {}});
    port = *server->listen_tcp("127.0.0.1", 0);
    for (int i = 0; i < count; ++i) threads.emplace_back([this] { io.run(); });
  }
  void stop(milliseconds grace = milliseconds(2000)) { asio::co_spawn(io, server->stop(grace), asio::use_future).get(); }
  ~ServerTest() override {
    fake.hold = false;
    if (server) stop();
    work.reset();
    for (auto& thread : threads) thread.join();
  }
  static std::string get(const std::string& target, const std::string& more = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
  }
  static std::string post(const std::string& target, const std::string& body, const std::string& more = "") {
    return "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" +
           body;
  }
  template <typename Condition>
  static bool eventually(Condition condition) {
    for (int i = 0; i < 10'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return false;
  }
};

TEST_F(ServerTest, AnswersManyRequestsOnOneConnection) {
  start();
  RawClient client(port);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client.send(post("/a", "body" + std::to_string(i))));
    EXPECT_EQ(client.answer().body, "POST /a body" + std::to_string(i) + " 127.0.0.1");
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  RawClient client(port);
  std::string all;
  for (int i = 0; i < 100; ++i) all += post("/" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'x'));
  ASSERT_TRUE(client.send(all));
  for (int i = 0; i < 100; ++i) EXPECT_THAT(client.answer().body, testing::StartsWith("POST /" + std::to_string(i) + " "));
}

TEST_F(ServerTest, ReadsARequestThatComesByteByByte) {
  start();
  RawClient client(port);
  for (const char c : post("/a", "hello")) ASSERT_TRUE(client.send({&c, 1}));
  EXPECT_EQ(client.answer().body, "POST /a hello 127.0.0.1");
}

TEST_F(ServerTest, ReadsChunkedBodies) {
  start();
  RawClient client(port);
  client.send(
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;ext=1\r\n!\r\n0\r\nTrailer: x\r\n\r\n" +
      get("/b"));
  EXPECT_EQ(client.answer().body, "POST /a hello! 127.0.0.1");
  EXPECT_EQ(client.answer().body, "GET /b  127.0.0.1");
}

TEST_F(ServerTest, HeadHasTheHeadersOfGetAndNoBody) {
  start();
  RawClient client(port);
  client.send("HEAD /big HTTP/1.1\r\nHost: x\r\n\r\n" + get("/b"));
  EXPECT_THAT(client.answer(true).head, HasSubstr("Content-Length: 5000000\r\n"));
  EXPECT_EQ(client.answer().body, "GET /b  127.0.0.1");
}

TEST_F(ServerTest, StreamsLargeAnswersWithALengthAndInChunks) {
  start();
  RawClient client(port);
  client.send(get("/big") + get("/chunked") + get("/b"));
  EXPECT_EQ(client.answer().body, std::string(5'000'000, 'z'));
  EXPECT_EQ(client.answer().body, std::string(300'000, 'z'));
  EXPECT_EQ(client.answer().status, 200);
}

TEST_F(ServerTest, CutsTheConnectionWhenAnAnswerCannotBeFinished) {
  start();
  RawClient client(port);
  client.send(get("/broken"));
  EXPECT_THAT(client.answer().body, testing::EndsWith("<CUT>"));
}

TEST_F(ServerTest, Http10ClientsAreAnsweredWithoutChunksAndClosed) {
  start();
  RawClient client(port);
  client.send("GET /chunked HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.answer().body.size(), 300'000U);
}

TEST_F(ServerTest, AsksForABodyOnlyWhenItWantsIt) {
  start();
  RawClient wanted(port);
  wanted.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(wanted.answer().status, 100);
  wanted.send("hello");
  EXPECT_EQ(wanted.answer().body, "POST /a hello 127.0.0.1");
  RawClient refused(port);
  refused.send("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(refused.answer().status, 413);
}

TEST_F(ServerTest, RefusesABodyOfAHundredMegabytesAndTheClientCanReadWhy) {
  start();
  RawClient client(port);
  ASSERT_TRUE(client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n"));
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.send(piece)) << i;  // a client that reads only when all is sent
  EXPECT_EQ(client.answer().status, 413);
  EXPECT_EQ(fake.answered, 0);
}

TEST_F(ServerTest, RefusesAChunkedBodyBeyondItsBound) {
  start();
  RawClient client(port);
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" + std::string(0x800, 'x') +
              "\r\n0\r\n\r\n");
  EXPECT_EQ(client.answer().status, 413);
}

TEST_F(ServerTest, StreamsABodyToItsHandlerAndBoundsIt) {
  start();
  RawClient client(port);
  client.send(post("/stream", std::string(3'000'000, 'x')) + get("/b"));
  EXPECT_EQ(client.answer().body, "3000000");
  EXPECT_EQ(client.answer().status, 200);
  client.send("POST /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nB00000\r\n");
  client.send(std::string(0xB00000, 'x'));
  EXPECT_EQ(client.answer().status, 413);
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, ClosesWhenAHandlerLeavesABodyUnread) {
  start();
  RawClient client(port);
  client.send(post("/ignore", std::string(3'000'000, 'x')));
  const auto answer = client.answer();
  EXPECT_EQ(answer.body, "did not read");
  EXPECT_THAT(answer.head, HasSubstr("Connection: close"));
}

TEST_F(ServerTest, AnswersWhatIsNotHttpWith400) {
  start();
  for (const auto* bad :
       {"nonsense\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"}) {
    RawClient client(port);
    client.send(bad);
    client.finish_sending();
    const auto answer = client.answer();
    EXPECT_TRUE(answer.status == 400 || answer.status == 0) << bad << answer.status;
    if (answer.status == 400) {
      EXPECT_THAT(answer.head, HasSubstr("application/problem+json")) << bad;
    }
  }
  EXPECT_EQ(fake.answered, 0);
}

TEST_F(ServerTest, RefusesAHeadThatIsTooLarge) {
  start();
  RawClient client(port);
  client.send(get("/", "X: " + std::string(17 << 10, 'a') + "\r\n"));
  EXPECT_EQ(client.answer().status, 431);
}

TEST_F(ServerTest, ABodyThatBreaksOffIsNoRequest) {
  start();
  RawClient client(port);
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nhalf");
  client.finish_sending();
  EXPECT_EQ(client.answer().status, 400);
  EXPECT_EQ(fake.answered, 0);
}

TEST_F(ServerTest, AHeadThatComesTooSlowlyIsToldSo) {
  Limits limits;
  limits.head = milliseconds(80);
  start(limits);
  RawClient client(port);
  client.send("GET / HTTP/1.1\r\nHost");
  EXPECT_EQ(client.answer().status, 408);
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, DripsDoNotKeepASlowHeadAlive) {
  Limits limits;
  limits.head = milliseconds(200);
  start(limits);
  RawClient client(port);
  client.send("GET / HTTP/1.1\r\n");
  bool open = true;
  for (int i = 0; i < 4000 && open; ++i) {
    open = client.send("X: y\r\n");
    std::this_thread::sleep_for(milliseconds(1));
    if (i == 600) open = false;
  }
  const auto answer = client.answer();
  EXPECT_TRUE(answer.status == 408 || answer.status == 0) << answer.status;
  EXPECT_EQ(fake.answered, 0);
}

TEST_F(ServerTest, ABodyThatStallsOrDripsIsToldSo) {
  Limits limits;
  limits.body_idle = milliseconds(80);
  limits.body_grace = milliseconds(150);
  start(limits);
  RawClient stalls(port);
  stalls.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nhalf");
  EXPECT_EQ(stalls.answer().status, 408);
  RawClient drips(port);
  drips.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n");
  for (int i = 0; i < 40 && drips.send("x"); ++i) std::this_thread::sleep_for(milliseconds(10));
  const auto answer = drips.answer();
  EXPECT_TRUE(answer.status == 408 || answer.status == 0) << answer.status;
  RawClient streams(port);
  streams.send("POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nhalf");
  EXPECT_EQ(streams.answer().status, 408);
}

TEST_F(ServerTest, AnIdleConnectionIsClosedWithoutAWord) {
  Limits limits;
  limits.keep_alive = milliseconds(50);
  start(limits);
  RawClient client(port);
  client.send(get("/a"));
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, AClientThatDoesNotReadIsCut) {
  Limits limits;
  limits.write = milliseconds(100);
  start(limits);
  RawClient client(port);
  for (int i = 0; i < 20; ++i) client.send(get("/big"));
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

TEST_F(ServerTest, ConnectionsBeyondTheBoundAreTold503) {
  Limits limits;
  limits.connections = 2;
  start(limits);
  RawClient first(port), second(port);
  first.send(get("/a"));
  second.send(get("/a"));
  EXPECT_EQ(first.answer().status + second.answer().status, 400);
  RawClient third(port);
  third.send(get("/a"));
  const auto answer = third.answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.head, HasSubstr("Retry-After"));
  first.send(get("/a"));
  EXPECT_EQ(first.answer().status, 200);
}

TEST_F(ServerTest, StoppingFinishesWhatIsUnderWayAndClosesTheRest) {
  start();
  RawClient idle(port), busy(port);
  idle.send(get("/a"));
  EXPECT_EQ(idle.answer().status, 200);
  fake.hold = true;
  busy.send(get("/slow"));
  ASSERT_TRUE(eventually([&] { return fake.answered == 2; }));
  auto stopped = asio::co_spawn(io, server->stop(milliseconds(5000)), asio::use_future);
  EXPECT_TRUE(idle.closed());
  ASSERT_TRUE(eventually([&] { return !RawClient(port).connected(); }));
  fake.hold = false;
  const auto answer = busy.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.head, HasSubstr("Connection: close"));
  stopped.get();
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(ServerTest, TheUnixSocketIsForItsOwnerAndItsCallersAreLocal) {
  start();
  const auto path = std::filesystem::temp_directory_path() / ("fabu-http-" + std::to_string(::getpid()) + ".sock");
  ASSERT_TRUE(server->listen_unix(path));
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
  RawClient client(path.string());
  client.send(post("/a", "hello"));
  EXPECT_EQ(client.answer().body, "POST /a hello local");
  stop();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ServerTest, TheUnixSocketStandsInADeepFolder) {
  start();
  auto folder = std::filesystem::temp_directory_path() / ("fabu-deep-" + std::to_string(::getpid()));
  const auto top = folder;
  for (int i = 0; i < 6; ++i) folder /= std::string(30, 'd');
  std::filesystem::create_directories(folder);
  EXPECT_TRUE(server->listen_unix(folder / "admin.sock"));
  EXPECT_TRUE(std::filesystem::is_socket(folder / "admin.sock"));
  stop();
  std::filesystem::remove_all(top);
}

TEST_F(ServerTest, AnAddressThatIsTakenIsAnError) {
  start();
  const auto again = server->listen_tcp("127.0.0.1", port);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::io);
  EXPECT_FALSE(server->listen_tcp("no.such.host.invalid", 0));
}

TEST_F(ServerTest, ServesManyConnectionsAtOnce) {
  start();
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 32; ++c) {
    clients.emplace_back([this, &good] {
      RawClient client(port);
      for (int i = 0; i < 50; ++i) {
        client.send(post("/a", "x"));
        if (client.answer().body == "POST /a x 127.0.0.1") ++good;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(good, 32 * 50);
}

}  // namespace
}  // namespace fabu::http
