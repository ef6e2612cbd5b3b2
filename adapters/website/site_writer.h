// The site's one writer. Deliveries that come together are taken together: their pages are put in place, then one transaction of
// the index, then each list once; so sixty-four publications cost about as much syncing as one.
//
// Order of steps, and what a crash between them leaves:
//   1 old edition, attachments, item pages in place      pages that no list names yet; the next try writes the same bytes
//   2 the index knows, with the marks of stale pages      the marked pages are rewritten by repair() or the next group
//   3 lists, feeds, sitemaps, home                        likewise: rewriting them again gives the same bytes
//   4 the marks are taken away, the callers are answered
// A list is only ever written from the index, so it names no page that was not put in place before.
//
// Several processes of one machine may share a folder and its index: each group has the whole site to itself (flock on
// INDEX.lock), so that no list is written from an index that is out of date.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sdk/channel.h"
#include "adapters/website/pages.h"
#include "adapters/website/site_files.h"
#include "adapters/website/site_index.h"
#include "proto/fabu/time.h"

namespace fabu::website {

// An attachment that was copied beside the site and verified; put in place with its item.
struct StagedAttachment {
  StagedFile staged;
  std::string file_name;
};

// A delivery with everything that could be done before the writer's turn.
struct Job {
  v1::Work work;
  v1::Item item;
  std::string body_html, body_text, qr_svg;
  std::vector<StagedAttachment> attachments;
};

// Not thread-safe: one call at a time.
class SiteWriter {
 public:
  // Opens the index and the folder, writes what every site has (style, 404, robots). Throws on what makes a start impossible.
  SiteWriter(const WebsiteOptions& options, const Clock& clock);

  // One outcome for each job, in order. Jobs of one group are of different items; when not, the later ones are told to retry.
  std::vector<sdk::Outcome<v1::Receipt>> write(std::vector<Job>& jobs);
  // Rewrites what was marked when a crash came. Returns how many pages that were.
  std::size_t repair();
  // Rewrites every list, feed and sitemap from the index, after templates or names changed. Items keep their pages.
  std::size_t rebuild();

  // The receipt of a delivery whose page stands as it was written and whose lists are done; nothing otherwise.
  std::optional<v1::Receipt> find(const v1::Work& work);

  SiteFiles& files() { return files_; }
  const Pages& pages() const { return pages_; }

 private:
  // What a job becomes on its way.
  struct Plan {
    Job* job = nullptr;
    std::optional<ItemRow> before;
    ItemRow row;
    EditionRow edition;
    bool repeats = false;  // the index has it already
    bool stands = false;   // and its page is there, byte for byte, or was replaced by a newer edition
  };
  using Refusal = std::optional<v1::Failure>;

  Refusal prepare(Plan& plan);
  Refusal check(const Plan& plan);
  void fill_row(Plan& plan);
  void stage(Plan& plan);
  void stage_item(Plan& plan);
  void stage_notice(Plan& plan);
  void keep_old_edition(const Plan& plan);
  void ensure_lists(const ItemRow& row);
  void record(const std::vector<Plan>& plans);
  ItemView view_of(const Plan& plan);
  std::vector<HistoryLine> history_of(const v1::Work& work, std::int64_t published_ms, bool superseded);
  std::vector<RelatedLine> related_of(const v1::Item& item);
  std::int64_t publish_time(const v1::Edition& edition);
  std::size_t rewrite_marked();
  void rewrite(const std::string& mark);
  void tidy(std::uint64_t item_id);
  v1::Receipt receipt(const v1::Work& work, const EditionRow& edition) const;
  void write_furniture();

  WebsiteOptions options_;
  const Clock& clock_;
  Pages pages_;
  SiteFiles files_;
  SiteIndex index_;
};

}  // namespace fabu::website
