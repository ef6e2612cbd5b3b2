#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <thread>

#include "broker/cli/door.h"
#include "temp_folder.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

// Answers each connection once, with the same bytes, and keeps what it was sent.
class OneAnswer {
 public:
  OneAnswer(int listener, std::string answer, int connections)
      : listener_(listener), answer_(std::move(answer)), thread_([this, connections] { serve(connections); }) {}
  ~OneAnswer() {
    thread_.join();
    ::close(listener_);
  }
  // After the door is done with it.
  const std::string& asked() {
    thread_.join();
    thread_ = std::thread([] {});
    return asked_;
  }

 private:
  void serve(int connections) {
    while (connections-- > 0) {
      const int peer = ::accept(listener_, nullptr, nullptr);
      char buffer[4096];
      std::string request;
      for (ssize_t n = 0; !whole(request) && (n = ::read(peer, buffer, sizeof buffer)) > 0;)
        request.append(buffer, static_cast<std::size_t>(n));
      asked_ += request;
      // A connection that only asked whether somebody listens is gone by now.
      const ssize_t sent = request.empty() ? 0 : ::send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL);
      EXPECT_GE(sent, 0);
      ::close(peer);
    }
  }
  static bool whole(const std::string& request) {
    const auto end = request.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const auto length = request.find("Content-Length: ");
    return length > end || request.size() >= end + 4 + std::stoul(request.substr(length + 16));
  }

  int listener_;
  std::string answer_, asked_;
  std::thread thread_;
};

int listen_on_loopback(std::string& url) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(fd, 4), 0);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  return fd;
}

class HttpDoor : public testing::Test {
 protected:
  HttpDoor() { ::setenv("no_proxy", "*", 1); }
  TempFolder folder_;
};

TEST_F(HttpDoor, SendsItsKeyAndReadsTheWholeAnswer) {
  HttpTarget target;
  const int listener = listen_on_loopback(target.url);
  target.key = "fabu_k1_secret";
  OneAnswer server(
      listener,
      "HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n{}", 1);
  const auto answer = http_door(target)->call("POST", "/v1/items", "{\"a\":1}", "application/json");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->status, 429);
  EXPECT_EQ(answer->retry_after, std::chrono::seconds(7));
  EXPECT_EQ(answer->body, "{}");
  EXPECT_EQ(answer->content_type, "application/problem+json");
  const std::string asked = server.asked();
  EXPECT_EQ(asked.rfind("POST /v1/items HTTP/1.1\r\n", 0), 0u);
  EXPECT_NE(asked.find("Authorization: Bearer fabu_k1_secret\r\n"), std::string::npos);
  EXPECT_NE(asked.find("\r\n\r\n{\"a\":1}"), std::string::npos);
}

TEST_F(HttpDoor, NeverFollowsARedirectWithItsKey) {
  HttpTarget target;
  const int listener = listen_on_loopback(target.url);
  target.key = "secret";
  OneAnswer server(listener, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", 1);
  const auto answer = http_door(target)->call("GET", "/v1/items");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
}

TEST_F(HttpDoor, StreamsAFile) {
  HttpTarget target;
  const int listener = listen_on_loopback(target.url);
  OneAnswer server(listener, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 1);
  std::ofstream(folder_ / "file") << "hello";
  const auto answer = http_door(target)->put_file("/v1/attachments/x", folder_ / "file");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201);
  EXPECT_NE(server.asked().find("\r\n\r\nhello"), std::string::npos);
}

TEST_F(HttpDoor, SaysUnavailableWhenNobodyListens) {
  HttpTarget target;
  ::close(listen_on_loopback(target.url));
  const auto answer = http_door(target)->call("GET", "/healthz");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
}

TEST_F(HttpDoor, RefusesAnAddressThatIsNotHttp) {
  HttpTarget target;
  target.url = "file:///etc";
  const auto answer = http_door(target)->call("GET", "/passwd");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::invalid);
}

TEST_F(HttpDoor, GoesThroughTheSocketOfADataFolderHoweverLongItsPath) {
  EXPECT_FALSE(socket_door(folder_.path()));
  const fs::path data = folder_ / std::string(100, 'd');
  fs::create_directories(data);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  fs::create_directory_symlink(data, folder_ / "s");
  const std::string path = (folder_ / "s" / "admin.sock").string();
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 4), 0);
  // The first connection only asks whether somebody listens.
  OneAnswer server(listener, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 2);
  auto door = socket_door(data);
  ASSERT_TRUE(door) << door.error().what;
  const auto answer = (*door)->call("GET", "/v1/keys");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(server.asked().find("Authorization"), std::string::npos);
}

TEST(PercentEncode, KeepsOnlyWhatNeedsNoEscape) {
  EXPECT_EQ(percent_encode("1134/2026-1"), "1134%2F2026-1");
  EXPECT_EQ(percent_encode("GGJ:a b采"), "GGJ%3Aa%20b%E9%87%87");
}

}  // namespace
}  // namespace fabu::cli
