#include "broker/cli/embedded_door.h"

#include <utility>

#include "broker/cli/broker.h"
#include "broker/cli/shipped.h"

namespace fabu::cli {
namespace {

bool needs_server(std::string_view method, const std::string& path) {
  return method != "GET" && path.rfind("/v1/keys", 0) != 0;
}

class EmbeddedDoor final : public Door {
 public:
  explicit EmbeddedDoor(std::filesystem::path data) : data_(std::move(data)) {}

  Result<void> open() {
    auto catalogue = domain::Catalogue::load(shipped_catalogue().string());
    if (!catalogue) return catalogue.error();
    BrokerSetup setup;
    setup.core.data = data_;
    setup.core.use = StoreUse::noted;
    setup.core.catalogue = std::move(*catalogue);
    auto started = Broker::start(std::move(setup), clock_);
    if (!started) return started.error();
    broker_ = std::move(*started);
    return {};
  }

  Result<Answer> call(std::string_view method, const std::string& path, std::string body, std::string content_type) override {
    if (needs_server(method, path)) {
      return Error{
          ErrorCode::unavailable,
          data_.string(),
          "no server runs on this folder",
          "start it: fabu serve --data " + data_.string() + "; without it keys can be managed and everything can be read",
          {}};
    }
    http::Request request;
    request.method = method;
    request.target = path;
    request.headers.set(boost::beast::http::field::accept, "application/json");
    if (!content_type.empty()) request.headers.set(boost::beast::http::field::content_type, content_type);
    request.body = std::move(body);
    const auto response = broker_->call(std::move(request));
    Answer answer;
    answer.status = response.status;
    answer.body = response.body;
    answer.content_type = response.content_type;
    return answer;
  }

 private:
  const std::filesystem::path data_;
  SystemClock clock_;
  std::unique_ptr<Broker> broker_;
};

}  // namespace

Result<std::unique_ptr<Door>> embedded_door(const std::filesystem::path& data) {
  auto door = std::make_unique<EmbeddedDoor>(data);
  if (const auto opened = door->open(); !opened) return opened.error();
  return std::unique_ptr<Door>(std::move(door));
}

}  // namespace fabu::cli
