// A strict stand-in for S3-compatible storage, on loopback: one bucket, PUT and GET of objects. It checks every signature (AWS
// Signature Version 4, computed here anew), that the body has the digest that was signed, and that the time is near; whatever it
// does not know it refuses. It misbehaves on demand.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fabu::peers {

class S3Server {
 public:
  enum class Fault { none, slow_down, internal_error, cut_body, wrong_bytes, too_many_bytes, hang_up };

  S3Server();
  ~S3Server();
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  static constexpr const char* kBucket = "fabu-files";
  static constexpr const char* kRegion = "cn-north-1";
  static constexpr const char* kAccessKey = "AKIDFABU";
  static constexpr const char* kSecretKey = "secret/of+fabu";

  // The next `times` requests go wrong like this.
  void misbehave(Fault, int times = 1);
  std::map<std::string, std::string> objects();
  void overwrite(const std::string& key, const std::string& bytes);
  void lose(const std::string& key);
  std::vector<std::string> requests();  // "PUT 200", …

 private:
  struct Request;
  struct Answer {
    int status = 200;
    std::string code;  // of an error
    std::string body;
    Fault fault = Fault::none;
  };
  void serve();
  void answer(int client);
  Answer decide(const Request&);
  static std::string refusal(const Request&);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> over_ = false;
  std::mutex mutex_;
  std::map<std::string, std::string> objects_;
  std::vector<std::string> requests_;
  Fault fault_ = Fault::none;
  int faults_ = 0;
  std::thread thread_;
};

}  // namespace fabu::peers
