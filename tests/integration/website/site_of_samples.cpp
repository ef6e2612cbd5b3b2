// site_of_samples ITEMS_FOLDER SITE_FOLDER [BASE_URL]: publishes every item (protobuf JSON) of a folder as a site, corrects the
// first, and keeps two answers of the search as files; for looking at the pages in a browser.
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <iostream>

#include "unit/website/site_fixture.h"

namespace fabu::website {
namespace {

class Samples : public Site {
 public:
  int publish(const fs::path& items, const fs::path& out, const std::string& base_url) {
    options.folder = out;
    options.base_url = base_url;
    start();
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(items)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::uint64_t id = 0;
    for (const fs::path& file : files) {
      v1::Item item;
      google::protobuf::util::JsonParseOptions lenient;
      lenient.ignore_unknown_fields = true;
      const auto read = google::protobuf::util::JsonStringToMessage(bytes_of(file), &item, lenient);
      if (!read.ok()) {
        std::cerr << file << ": " << read.ToString() << "\n";
        continue;
      }
      item.clear_attachments();
      if (id == 0) *item.add_attachments() = attachments.add("评标情况报告（公开版）.pdf", "%PDF-1.7 sample");
      auto work = work_of(++id, 1, item);
      describe(work, item);
      report(deliver(work));
      clock.pass(5'400);
      if (id == 1) first_ = work;
    }
    correct_first();
    SiteSearch search(options);
    std::ofstream(out / "search-sample.html") << search.render_page({.q = "中标"});
    std::ofstream(out / "search-empty.html") << search.render_page({.q = "没有的词"});
    stop();
    return 0;
  }
  void TestBody() override {}

 private:
  static void describe(v1::Work& work, const v1::Item& item) {
    v1::CatalogueFacts& facts = *work.mutable_catalogue();
    facts.set_name(item.keywords().empty() ? item.catalogue_entry() : item.keywords(1 % item.keywords_size()));
    facts.set_domain_code(item.catalogue_entry().substr(0, 2));
    facts.set_department_name(item.responsible_section());
  }
  void correct_first() {
    v1::Item item;
    if (!item.ParseFromString(first_.edition().content())) return;
    auto work = work_of(1, 2, item);
    describe(work, item);
    work.mutable_edition()->set_reason("第二中标候选人的投标报价录入有误，由38915004.20元更正为38915040.20元，公示期不变。");
    report(deliver(work));
  }
  static void report(const sdk::Outcome<v1::Receipt>& outcome) {
    std::cout << (outcome ? outcome->locator() : outcome.error().code() + " " + outcome.error().message()) << "\n";
  }
  v1::Work first_;
};

}  // namespace
}  // namespace fabu::website

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  return fabu::website::Samples().publish(argv[1], argv[2], argc > 3 ? argv[3] : "http://127.0.0.1:8765");
}
