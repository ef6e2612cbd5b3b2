#include "broker/audit/log_files.h"

#include <gtest/gtest.h>

#include "broker/audit/rollback.h"
#include "broker/audit/tlog_proof.h"
#include "unit/audit/sample_log.h"

namespace fabu::audit {
namespace {

// A log of 700 records whose newest checkpoint covers 600.
class PublishedLog final : public LogSource {
 public:
  Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index, unsigned width) const override {
    return log.tree().tile(level, index, width);
  }
  std::string checkpoint_note() override { return note; }
  std::uint64_t checkpoint_size() override { return note.empty() ? 0 : 600; }
  Result<std::vector<std::string>> entries(std::uint64_t first, std::size_t count) override {
    const auto begin = log.entries().begin() + static_cast<std::ptrdiff_t>(first);
    return std::vector<std::string>(begin, begin + static_cast<std::ptrdiff_t>(std::min(count, log.entries().size() - first)));
  }
  SampleLog log = long_log(700);
  std::string note = log_key().sign_checkpoint(600, root_at(log.tree(), 600).value());
};

TEST(LogFiles, ServesTheCheckpointAndWhatItCovers) {
  PublishedLog log;
  const auto checkpoint = serve_path(log, "checkpoint").value();
  EXPECT_EQ(checkpoint.bytes, log.note);
  EXPECT_EQ(checkpoint.media_type, "text/plain; charset=utf-8");
  EXPECT_FALSE(checkpoint.immutable);
  const auto tile = serve_path(log, "tile/0/000").value();
  EXPECT_EQ(tile.bytes.size(), 8192U);
  EXPECT_TRUE(tile.immutable);
  EXPECT_EQ(serve_path(log, "tile/0/002.p/88").value().bytes.size(), 88U * 32);
  EXPECT_EQ(serve_path(log, "tile/1/000.p/2").value().bytes.size(), 64U);
  const auto bundle = serve_path(log, "tile/entries/002.p/88").value();
  EXPECT_EQ(parse_entry_bundle(bundle.bytes).value().back(), log.log.entries()[599]);
  EXPECT_EQ(bundle.media_type, "application/octet-stream");
}

TEST(LogFiles, ServesThePartialTilesOfEarlierCheckpoints) {
  PublishedLog log;
  for (const unsigned width : {1U, 17U, 255U}) EXPECT_TRUE(serve_path(log, tile_path(0, 1, width)));
  EXPECT_TRUE(serve_path(log, "tile/entries/002.p/1"));
}

TEST(LogFiles, ServesNothingThatTheCheckpointDoesNotCover) {
  PublishedLog log;
  for (const char* path : {"tile/0/002", "tile/0/002.p/89", "tile/entries/002.p/89", "tile/entries/002", "tile/0/003.p/1",
                           "tile/1/000", "tile/1/000.p/3", "tile/2/000.p/1", "tile/7/000.p/1", "tile/0/x999/x999/x999/x999/999",
                           "", "/", "checkpoint/", "../log.key", "tile/0/../../key"}) {
    const auto file = serve_path(log, path);
    ASSERT_FALSE(file) << path;
    EXPECT_EQ(file.error().code, ErrorCode::not_found) << path;
  }
  log.note.clear();
  EXPECT_EQ(serve_path(log, "checkpoint").error().code, ErrorCode::not_found);
  EXPECT_FALSE(serve_path(log, "tile/0/000.p/1"));
}

TEST(LogFiles, AnExportHoldsEveryFileOnceAndTheCheckpointLast) {
  std::vector<std::string> paths;
  ASSERT_TRUE(for_each_path(600, [&](const std::string& path) -> Result<void> {
    paths.push_back(path);
    return {};
  }));
  const std::vector<std::string> expected{"tile/0/000",      "tile/entries/000",      "tile/0/001",     "tile/entries/001",
                                          "tile/0/002.p/88", "tile/entries/002.p/88", "tile/1/000.p/2", "checkpoint"};
  EXPECT_EQ(paths, expected);
}

TEST(Rollback, AStoreThatGrewOrStoodStillIsFine) {
  const auto log = long_log(300);
  const auto root = log.tree().edge().root();
  EXPECT_TRUE(check_not_rolled_back(log.tree(), 300, root, "", trusted()));
  for (const std::uint64_t size : {0ULL, 1ULL, 255ULL, 256ULL, 299ULL, 300ULL}) {
    EXPECT_TRUE(check_not_rolled_back(log.tree(), 300, root, log_key().sign_checkpoint(size, root_at(log.tree(), size).value()),
                                      trusted()))
        << size;
  }
}

TEST(Rollback, AStoreThatWentBackOrWasChangedIsRefused) {
  const auto log = long_log(300), other = long_log(301);
  const auto root = log.tree().edge().root();
  const auto check = [&](const std::string& note) { return check_not_rolled_back(log.tree(), 300, root, note, trusted()); };
  EXPECT_EQ(check(log_key().sign_checkpoint(301, other.tree().edge().root())).error().code, ErrorCode::corrupt);
  EXPECT_EQ(check(log_key().sign_checkpoint(200, sha256("another history"))).error().code, ErrorCode::corrupt);
  EXPECT_EQ(check_not_rolled_back(log.tree(), 300, sha256("not the tiles' root"), "", trusted()).error().code,
            ErrorCode::corrupt);
  const auto thief = SigningKey::from_seed(std::string(32, '\x9'), kOrigin).value();
  EXPECT_EQ(check(thief.sign_checkpoint(300, root)).error().code, ErrorCode::unauthorized);
  EXPECT_EQ(check("torn").error().code, ErrorCode::malformed);
}

TEST(TlogProof, IsWrittenReadBackAndVerifies) {
  const auto log = long_log(300);
  for (const std::uint64_t index : {0ULL, 17ULL, 256ULL, 299ULL}) {
    TlogProof proof{log.entries()[index], index, inclusion_proof(log.tree(), index, 300).value(), log.checkpoint()};
    const auto text = proof.text();
    EXPECT_EQ(text.substr(0, 23), "c2sp.org/tlog-proof@v1\n");
    auto read = TlogProof::parse(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->text(), text);
    EXPECT_EQ(read->extra, log.entries()[index]);
    EXPECT_TRUE(read->verify(log.entries()[index], trusted()));
    EXPECT_EQ(read->verify(log.entries()[1], trusted()).error().code, ErrorCode::corrupt);
    EXPECT_EQ(read->verify(log.entries()[index], {}).error().code, ErrorCode::unauthorized);
    read->extra.reset();
    EXPECT_EQ(TlogProof::parse(read->text()).value().extra, std::nullopt);
  }
}

TEST(TlogProof, NoByteOfItMayChange) {
  const auto log = long_log(300);
  const TlogProof proof{std::nullopt, 17, inclusion_proof(log.tree(), 17, 300).value(), log.checkpoint()};
  const auto text = proof.text();
  for (std::size_t place = 0; place < text.size(); ++place) {
    auto changed = text;
    changed[place] ^= 1;
    const auto read = TlogProof::parse(changed);
    ASSERT_FALSE(read && read->verify(log.entries()[17], trusted())) << place;
    const auto cut = TlogProof::parse(text.substr(0, place));
    ASSERT_FALSE(cut && cut->verify(log.entries()[17], trusted())) << place;
  }
}

}  // namespace
}  // namespace fabu::audit
