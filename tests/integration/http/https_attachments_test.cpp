// Attachments over the real API, as an adapter elsewhere gets them.
#include "adapters/sdk/https_attachments.h"

#include <fstream>

#include "integration/http/served_broker.h"
#include "unit/run_awaitable.h"

namespace fabu::http {
namespace {

namespace fs = std::filesystem;

class HttpsAttachmentsTest : public ServedBroker {
 protected:
  void SetUp() override {
    serve();
    reader_ = new_key("OFFICE", {"read"});  // of another department than those who store
  }
  void TearDown() override { threads_.join(); }

  Digest stored(const std::string& bytes) {
    const auto digest = sha256(bytes);
    EXPECT_LE(ask("PUT", "/v1/attachments/" + digest.hex(), bytes, "application/octet-stream").status, 201);
    return digest;
  }
  sdk::HttpsAttachmentsOptions options() const {
    sdk::HttpsAttachmentsOptions options;
    options.broker = "http://127.0.0.1:" + std::to_string(port());
    options.key = reader_;
    options.folder = folder_ / "cache";
    return options;
  }
  sdk::Outcome<fs::path> fetch(const sdk::HttpsAttachmentsOptions& how, const Digest& digest) {
    sdk::HttpsAttachments source(how, threads_, clock_);
    return run(source.fetch(digest));
  }
  static std::string text_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t files_kept() const {
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "cache")) files += entry.is_regular_file() ? 1 : 0;
    return files;
  }

  std::string reader_;
  SystemClock clock_;
  boost::asio::thread_pool threads_{2};
};

TEST_F(HttpsAttachmentsTest, FetchesOnceAndThenReadsItsOwnCopyEvenInANewProcess) {
  const auto digest = stored("公告附件");
  const auto first = fetch(options(), digest);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(text_of(*first), "公告附件");
  auto gone = options();
  gone.broker = "http://127.0.0.1:1";
  const auto again = fetch(gone, digest);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(*again, *first);
}

TEST_F(HttpsAttachmentsTest, FetchesAgainWhatWasChangedOnItsDisk) {
  const auto digest = stored("as it was");
  const auto file = fetch(options(), digest);
  ASSERT_TRUE(file);
  std::ofstream(*file, std::ios::trunc) << "as it is!";
  const auto again = fetch(options(), digest);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(text_of(*again), "as it was");
}

TEST_F(HttpsAttachmentsTest, SaysWhatIsToBeDoneAboutEachFailure) {
  const auto missing = fetch(options(), sha256("never stored"));
  EXPECT_EQ(missing.error().failure_class(), v1::FAILURE_CLASS_REJECTED);
  const auto digest = stored("x");
  auto other = options();
  other.key = "fabu_wrong";
  EXPECT_EQ(fetch(other, digest).error().failure_class(), v1::FAILURE_CLASS_UNAUTHORIZED);
  auto away = options();
  away.broker = "http://127.0.0.1:1";
  EXPECT_EQ(fetch(away, digest).error().failure_class(), v1::FAILURE_CLASS_UNAVAILABLE);
  auto small = options();
  small.largest = 0;
  EXPECT_EQ(fetch(small, digest).error().code(), "http.too-large");
  EXPECT_EQ(files_kept(), 0u);
}

TEST_F(HttpsAttachmentsTest, KeepsItsFolderWithinItsBoundAndTheNewestFiles) {
  auto how = options();
  how.most_bytes = 250;
  sdk::HttpsAttachments source(how, threads_, clock_);
  std::vector<Digest> digests;
  for (const char letter : {'a', 'b', 'c'}) digests.push_back(stored(std::string(100, letter)));
  ASSERT_TRUE(run(source.fetch(digests[0])));
  ASSERT_TRUE(run(source.fetch(digests[1])));
  ASSERT_TRUE(run(source.fetch(digests[0])));  // b is now the one that was not used for longest
  const auto third = run(source.fetch(digests[2]));
  ASSERT_TRUE(third);
  EXPECT_EQ(files_kept(), 2u);
  EXPECT_TRUE(fs::exists(*third));
  const auto hex = digests[0].hex();
  EXPECT_TRUE(fs::exists(folder_ / "cache" / hex.substr(0, 2) / hex.substr(2)));
}

}  // namespace
}  // namespace fabu::http
