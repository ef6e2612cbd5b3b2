// The website joins the conformance suite, on a folder.
#include "adapters/website/website_channel.h"

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "integration/channel/conformance.h"
#include "temp_folder.h"

namespace fabu::website {
namespace {

namespace fs = std::filesystem;

// The suite's items have no attachments.
class NoAttachments final : public sdk::AttachmentSource {
 public:
  boost::asio::awaitable<sdk::Outcome<fs::path>> fetch(Digest digest) override {
    co_return sdk::failure(v1::FAILURE_CLASS_REJECTED, "attachment.missing", digest.hex());
  }
};

class WebsiteUnderTest final : public sdk::ChannelUnderTest {
 public:
  WebsiteUnderTest() {
    options_.folder = folder_.path() / "site";
    options_.templates = fs::path(FABU_SOURCE_DIR) / "web/site";
    options_.base_url = "https://ggj.chengzhou.example";
    options_.site.name = "澄州市公共资源交易管理局";
    options_.domains = {{"GC", "工程建设"}};
    options_.entries = {{"GC-RESULT_ANNOUNCEMENT", "中标结果公告", "GC"}};
    options_.sync = false;
  }
  ~WebsiteUnderTest() override { stop(); }

  std::string name() const override { return "website"; }
  sdk::Channel& make() override {
    stop();
    pool_ = std::make_unique<boost::asio::thread_pool>(2);
    channel_ = std::make_unique<WebsiteChannel>(options_, *pool_, attachments_, clock_);
    return *channel_;
  }
  bool tamper(const v1::Receipt& receipt) override {
    std::ofstream(page(receipt), std::ios::app) << "<p>又及</p>";
    return true;
  }
  bool remove(const v1::Receipt& receipt) override { return fs::remove(page(receipt)); }
  // Every page of the item: the one that stands, and the older editions kept beside it.
  std::size_t count_effects(std::uint64_t item_id) override {
    std::size_t pages = 0;
    for (const auto& entry : fs::recursive_directory_iterator(options_.folder / "items" / std::to_string(item_id))) {
      pages += entry.is_regular_file() && entry.path().extension() == ".html" ? 1 : 0;
    }
    return pages;
  }

 private:
  fs::path page(const v1::Receipt& receipt) const {
    return options_.folder / receipt.locator().substr(options_.base_url.size() + 1) / "index.html";
  }
  void stop() {
    if (pool_) pool_->join();
    channel_.reset();
    pool_.reset();
  }

  TempFolder folder_;
  SystemClock clock_;
  NoAttachments attachments_;
  WebsiteOptions options_;
  std::unique_ptr<boost::asio::thread_pool> pool_;
  std::unique_ptr<WebsiteChannel> channel_;
};

}  // namespace
}  // namespace fabu::website

namespace fabu::sdk {

INSTANTIATE_TEST_SUITE_P(Website, ChannelConformance,
                         testing::Values(ChannelFactory{"folder", [] { return std::make_unique<website::WebsiteUnderTest>(); }}),
                         channel_name);

}  // namespace fabu::sdk
