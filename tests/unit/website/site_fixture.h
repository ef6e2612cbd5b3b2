// A site in a temporary folder, with a clock that stands still and attachments from memory.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/website/search.h"
#include "adapters/website/website_channel.h"
#include "proto/fabu/digest.h"
#include "temp_folder.h"

#include "unit/run_awaitable.h"

namespace fabu::website {

namespace asio = boost::asio;
namespace fs = std::filesystem;

class StandingClock final : public Clock {
 public:
  Instant now() const override { return from_ms(ms); }
  std::int64_t ms = 1'787'187'600'123;  // 2026-08-20 09:00:00.123 +08:00
  void pass(std::int64_t seconds) { ms += seconds * 1000; }
};

class FolderAttachments final : public sdk::AttachmentSource {
 public:
  explicit FolderAttachments(fs::path folder) : folder_(std::move(folder)) { fs::create_directories(folder_); }
  // Keeps the bytes and describes them.
  v1::Attachment add(const std::string& name, const std::string& bytes) {
    const Digest digest = sha256(bytes);
    std::ofstream(folder_ / digest.hex(), std::ios::binary) << bytes;
    v1::Attachment a;
    a.set_name(name);
    a.set_size(bytes.size());
    a.set_sha256(digest.hex());
    a.set_media_type("application/pdf");
    return a;
  }
  asio::awaitable<sdk::Outcome<fs::path>> fetch(Digest digest) override {
    const fs::path path = folder_ / digest.hex();
    if (!fs::exists(path)) co_return sdk::failure(v1::FAILURE_CLASS_REJECTED, "attachment.missing", digest.hex());
    co_return path;
  }

 private:
  fs::path folder_;
};

class NoProgress final : public sdk::Progress {
 public:
  const std::string& notes() const override { return notes_; }
  asio::awaitable<bool> save(std::string) override { co_return true; }

 private:
  std::string notes_;
};

inline std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline v1::Item sample_item(std::uint64_t n) {
  v1::Item item;
  item.set_department("GC01");
  item.set_reference("ref-" + std::to_string(n));
  item.set_catalogue_entry("GC-CANDIDATE_PUBLICITY");
  item.set_title("云桥路道路排水工程施工中标候选人公示（第" + std::to_string(n) + "号）");
  item.set_summary("公示三名中标候选人的排序和报价。");
  item.mutable_publisher()->set_name("澄州市公共资源交易管理局");
  item.add_keywords("中标候选人");
  item.set_formed_date("2026-08-18");
  item.set_disclosure(v1::DISCLOSURE_ACTIVE);
  item.set_responsible_section("工程建设交易监管科");
  item.set_responsible_person("经办人甲乙丙");
  item.set_project_code("CZ2026GC" + std::to_string(10000 + n));
  item.mutable_body()->set_format(v1::BODY_FORMAT_MARKDOWN);
  item.mutable_body()->set_text(
      "经评标委员会评审，现将中标候选人公示如下。\n\n| 排序 | 名称 |\n| --- | --- |\n| 1 | 澄州青禾建设有限公司 |\n");
  return item;
}

inline v1::Work work_of(std::uint64_t id, std::uint32_t number, const v1::Item& item) {
  v1::Work work;
  v1::Edition& edition = *work.mutable_edition();
  edition.set_item_id(id);
  edition.set_number(number);
  edition.set_kind(number == 1 ? v1::EDITION_KIND_ORIGINAL : v1::EDITION_KIND_CORRECTION);
  edition.set_content(item.SerializeAsString());
  edition.set_digest(sha256(edition.content()).raw());
  edition.set_index_no(item.index_no().empty() ? "11349900MB1K27N4XP/202608-" + std::to_string(10000 + id) : item.index_no());
  if (number > 1) edition.set_reason("报价有误，现予更正");
  for (std::uint32_t n = 1; n < number; ++n) {
    v1::EditionNote& note = *work.add_history();
    note.set_number(n);
    note.set_kind(n == 1 ? v1::EDITION_KIND_ORIGINAL : v1::EDITION_KIND_CORRECTION);
    note.set_received_ms(1'787'187'000'000);
  }
  v1::Delivery& delivery = *work.mutable_delivery();
  delivery.set_id(std::to_string(id) + "-" + std::to_string(number) + "-website");
  delivery.set_item_id(id);
  delivery.set_edition(number);
  delivery.set_channel("website");
  delivery.set_action(v1::ACTION_PUBLISH);
  v1::CatalogueFacts& facts = *work.mutable_catalogue();
  facts.set_code(item.catalogue_entry());
  facts.set_name("中标候选人公示");
  facts.set_domain_code("GC");
  facts.set_domain_name("工程建设项目招标投标");
  facts.set_stage(v1::STAGE_RESULT);
  facts.set_department_name("工程建设交易监管科");
  return work;
}

inline v1::Work withdrawal_of(v1::Work work, const std::string& reason) {
  v1::Edition& edition = *work.mutable_edition();
  edition.set_number(edition.number() + 1);
  edition.set_kind(v1::EDITION_KIND_WITHDRAWAL);
  edition.set_reason(reason);
  work.mutable_delivery()->set_id(std::to_string(edition.item_id()) + "-" + std::to_string(edition.number()) + "-website");
  work.mutable_delivery()->set_action(v1::ACTION_WITHDRAW);
  return work;
}

class Site : public ::testing::Test {
 protected:
  Site() : attachments(folder.path() / "store") {
    options.folder = folder.path() / "site";
    options.templates = fs::path(FABU_SOURCE_DIR) / "web/site";
    options.base_url = "https://ggj.chengzhou.example";
    options.site = {.name = "澄州市公共资源交易管理局",
                    .name_en = "Chengzhou Public Resource Exchange Bureau",
                    .domain = "ggj.chengzhou.example",
                    .id_code = "3499000012",
                    .organiser = "澄州市公共资源交易管理局",
                    .contact = "地址：澄州市文昌路1号　电话：0560-1234567",
                    .icp = "示ICP备00000000号",
                    .police_record = "示公网安备00000000000000号",
                    .error_report_url = {},
                    .description = "公共资源交易全过程信息公开。"};
    options.domains = {{"GC", "工程建设项目招标投标"}};
    options.entries = {{"GC-CANDIDATE_PUBLICITY", "中标候选人公示", "GC"}, {"GC-AWARD_RESULT", "中标结果公告", "GC"}};
    options.sync = false;
  }
  ~Site() override { stop(); }

  void start() {
    pool = std::make_unique<asio::thread_pool>(2);
    channel = std::make_unique<WebsiteChannel>(options, *pool, attachments, clock);
  }
  void stop() {
    if (pool) pool->join();
    channel.reset();
    pool.reset();
  }

  // Runs the calls side by side; outcomes in order.
  std::vector<sdk::Outcome<v1::Receipt>> deliver(const std::vector<v1::Work>& works) {
    asio::io_context io;
    std::vector<sdk::Outcome<v1::Receipt>> outcomes(works.size());
    for (std::size_t i = 0; i < works.size(); ++i) {
      asio::co_spawn(io, call(works[i]), [&outcomes, i](std::exception_ptr error, sdk::Outcome<v1::Receipt> outcome) {
        if (error) std::rethrow_exception(error);
        outcomes[i] = std::move(outcome);
      });
    }
    io.run();
    return outcomes;
  }
  sdk::Outcome<v1::Receipt> deliver(const v1::Work& work) { return deliver(std::vector{work}).front(); }

  template <typename T>
  T await(asio::awaitable<T> call) {
    return run(std::move(call));
  }

  std::string page(const std::string& path) const { return bytes_of(options.folder / path); }
  bool there(const std::string& path) const { return fs::exists(options.folder / path); }

  // Every file of the site and its bytes.
  std::map<std::string, std::string> everything() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(options.folder)) {
      if (entry.is_regular_file()) files[fs::relative(entry.path(), options.folder).string()] = bytes_of(entry.path());
    }
    return files;
  }

  TempFolder folder{TempFolder::Place::disk};
  StandingClock clock;
  FolderAttachments attachments;
  WebsiteOptions options;
  NoProgress progress;
  std::unique_ptr<asio::thread_pool> pool;
  std::unique_ptr<WebsiteChannel> channel;

 private:
  asio::awaitable<sdk::Outcome<v1::Receipt>> call(const v1::Work& work) {
    if (work.delivery().action() == v1::ACTION_WITHDRAW) co_return co_await channel->withdraw(work, progress);
    co_return co_await channel->publish(work, progress);
  }
};

// Links within the site that lead to no file: "from → to". Search and log are served, not stored.
inline std::vector<std::string> dead_links(const fs::path& folder) {
  std::vector<std::string> dead;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".html") continue;
    const std::string html = bytes_of(entry.path());
    for (std::size_t at = html.find("href=\""); at != std::string::npos; at = html.find("href=\"", at + 1)) {
      std::string to = html.substr(at + 6, html.find('"', at + 6) - at - 6);
      if (to.starts_with("http") || to.starts_with("#") || to.starts_with("/search") || to.starts_with("/log/")) continue;
      to = to.substr(0, to.find('#'));
      std::string decoded;
      for (std::size_t i = 0; i < to.size(); ++i) {
        if (to[i] == '%') {
          decoded += static_cast<char>(std::stoi(to.substr(i + 1, 2), nullptr, 16));
          i += 2;
        } else {
          decoded += to[i];
        }
      }
      const fs::path base = decoded.starts_with("/") ? folder / decoded.substr(1) : entry.path().parent_path() / decoded;
      const fs::path target = decoded.ends_with('/') ? base / "index.html" : base;
      if (!fs::exists(target)) dead.push_back(fs::relative(entry.path(), folder).string() + " → " + to);
    }
  }
  return dead;
}

}  // namespace fabu::website
