// The pages byte for byte, as tests/data/website has them. FABU_UPDATE_GOLDEN=1 in the environment writes them anew (see
// tests/data/website/README.md); then look at the difference before committing it.
#include <gmock/gmock.h>

#include <cstdlib>

#include "unit/website/site_fixture.h"

namespace fabu::website {
namespace {

class Golden : public Site {};

TEST_F(Golden, PagesListsFeedsAndSitemapsAreAsTheyWere) {
  start();
  v1::Item item = sample_item(1);
  item.set_doc_no("澄公管公示〔2026〕11号");
  item.mutable_notice_period()->set_start("2026-08-20");
  item.mutable_notice_period()->set_end("2026-08-24");
  item.add_legal_basis("《招标投标法实施条例》第五十三条、第五十四条");
  item.set_validity(v1::VALIDITY_IN_FORCE);
  *item.add_attachments() = attachments.add("评标情况（公开版）.pdf", "%PDF-1.7 sample");
  ASSERT_TRUE(deliver(work_of(1, 1, item)));
  clock.pass(90);
  ASSERT_TRUE(deliver(work_of(2, 1, sample_item(2))));
  clock.pass(86'400);
  item.set_title("云桥路道路排水工程施工中标候选人公示（更正）");
  ASSERT_TRUE(deliver(work_of(1, 2, item)));
  ASSERT_TRUE(deliver(withdrawal_of(work_of(2, 1, sample_item(2)), "重复发布")));

  const fs::path golden = fs::path(FABU_SOURCE_DIR) / "tests/data/website";
  const bool update = std::getenv("FABU_UPDATE_GOLDEN") != nullptr;
  const std::pair<const char*, const char*> files[] = {
      {"items/1/index.html", "item.html"},
      {"items/1/editions/1/index.html", "old-edition.html"},
      {"items/2/index.html", "withdrawn.html"},
      {"lists/entry/GC-CANDIDATE_PUBLICITY/index.html", "list.html"},
      {"lists/entry/GC-CANDIDATE_PUBLICITY/1/index.html", "list-page.html"},
      {"index.html", "home.html"},
      {"lists/index.html", "directory.html"},
      {"help/index.html", "help.html"},
      {"feed.atom", "feed.atom"},
      {"feed.json", "feed.json"},
      {"sitemap.xml", "sitemap.xml"},
      {"sitemap-1.xml", "sitemap-1.xml"},
      {"robots.txt", "robots.txt"},
  };
  for (const auto& [file, name] : files) {
    if (update) fs::copy_file(options.folder / file, golden / name, fs::copy_options::overwrite_existing);
    EXPECT_EQ(page(file), bytes_of(golden / name)) << name;
  }
}

}  // namespace
}  // namespace fabu::website
