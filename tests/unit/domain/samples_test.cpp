// The samples that `fabu submit` pushes are acceptable as they are, once their attachments' sizes and digests are filled in.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "broker/domain/item_codec.h"
#include "broker/domain/item_rules.h"
#include "proto/fabu/digest.h"
#include "unit/print_result.h"

namespace fabu::domain {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::IsEmpty;

const fs::path kSamples = FABU_SOURCE_DIR "/tests/data/samples";

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> sample_files() {
  std::vector<fs::path> files;
  for (const auto& one : fs::directory_iterator(kSamples)) {
    if (one.path().extension() == ".json") files.push_back(one.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

v1::Item sample(const fs::path& path) {
  auto item = decode_json(read(path));
  EXPECT_TRUE(item) << path << testing::PrintToString(item);
  for (auto& file : *item->mutable_attachments()) {
    const auto bytes = read(kSamples / "attachments" / file.name());
    file.set_size(bytes.size());
    file.set_sha256(sha256(bytes).hex());
  }
  return normalised(std::move(*item));
}

class Sample : public testing::TestWithParam<fs::path> {};

TEST_P(Sample, SatisfiesEveryRuleUnderTheShippedCatalogue) {
  const auto catalogue = Catalogue::load(FABU_SOURCE_DIR "/broker/domain/data/catalogue.yaml");
  ASSERT_TRUE(catalogue);
  const auto item = sample(GetParam());
  const Date today{std::chrono::year{2026}, std::chrono::month{9}, std::chrono::day{1}};
  for (const auto& problem : check_item(item, *catalogue, today))
    ADD_FAILURE() << problem.path() << ": " << problem.rule() << ": " << problem.what();
  const auto* entry = catalogue->find(item.catalogue_entry());
  ASSERT_NE(entry, nullptr);
  EXPECT_THAT(entry->channels, testing::AllOf(Contains("website"), Contains("noticeboard")));
  EXPECT_EQ(entry->review, ReviewPolicy::none) << "samples arrive approved";
}

TEST_P(Sample, ComesBackFromJsonAndFromItsBytesUnchanged) {
  const auto item = sample(GetParam());
  const auto json = decode_json(encode_json(item));
  ASSERT_TRUE(json);
  EXPECT_THAT(differing_fields(item, *json), IsEmpty());
  const auto bytes = decode_protobuf(content_bytes(item));
  ASSERT_TRUE(bytes);
  EXPECT_EQ(content_bytes(*bytes), content_bytes(item));
}

std::string sample_name(const testing::TestParamInfo<fs::path>& path) {
  auto name = path.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Samples, Sample, testing::ValuesIn(sample_files()), sample_name);

TEST(Samples, AreTheNine) {
  EXPECT_EQ(sample_files().size(), 9U);
}

TEST(Samples, TheCorrectionCarriesTheFileThatItsTextAnnounces) {
  const auto item = sample(kSamples / "S06-zc-correction.json");
  ASSERT_EQ(item.attachments_size(), 1);
  EXPECT_EQ(item.attachments(0).media_type(), "application/pdf");
  EXPECT_EQ(read(kSamples / "attachments" / item.attachments(0).name()).substr(0, 5), "%PDF-");
}

}  // namespace
}  // namespace fabu::domain
