#include "broker/store/postgresql/notices.h"

#include <algorithm>

#include "broker/store/ledger/delivery_name.h"

namespace fabu::store::pg {
namespace {

constexpr std::size_t kPayload = 7900;  // bytes
constexpr char kOutdated = 'o', kDue = 'd', kChannels = 'c';

void add_line(News& news, std::string_view line, std::uint64_t self) {
  const char what = line.empty() ? '\0' : line.front();
  const std::string rest(line.substr(std::min<std::size_t>(1, line.size())));
  if (what == kOutdated) {
    if (auto key = parse_delivery_id(rest)) {
      news.outdated.push_back({std::move(key->channel), rest});
      return;
    }
  } else if (what == kDue) {
    if (std::find(news.due.begin(), news.due.end(), rest) == news.due.end()) news.due.push_back(rest);
    return;
  } else if (what == kChannels) {
    news.channels = news.channels || rest != std::to_string(self);
    return;
  }
  news.everything = true;
}

}  // namespace

std::string channel_of_session(std::uint64_t session) {
  return "fabu_session_" + std::to_string(session);
}

void Notices::outdated(std::uint64_t session, const std::string& delivery_id) {
  add(channel_of_session(session), kOutdated, delivery_id);
}

void Notices::due(std::uint64_t session, const std::string& channel) {
  add(channel_of_session(session), kDue, channel);
}

void Notices::channels(std::uint64_t by) {
  add(kAllSessions, kChannels, std::to_string(by));
}

void Notices::add(const std::string& to, char what, const std::string& line) {
  auto& payloads = payloads_[to];
  if (payloads.empty() || payloads.back().size() + line.size() + 2 > kPayload) payloads.emplace_back();
  payloads.back() += what + line + '\n';
}

void Notices::send(Connection& db) {
  if (payloads_.empty()) return;
  std::vector<std::string> to, what;
  for (auto& [name, payloads] : payloads_) {
    to.insert(to.end(), payloads.size(), name);
    std::move(payloads.begin(), payloads.end(), std::back_inserter(what));
  }
  db.send("SELECT count(pg_notify(c, p)) FROM unnest($1::text[], $2::text[]) AS told(c, p)", Values().texts(to).texts(what));
  payloads_.clear();
}

News news_of(const std::vector<Notification>& notifications, std::uint64_t self) {
  News news;
  for (const auto& [channel, payload] : notifications) {
    for (std::size_t begin = 0; begin < payload.size();) {
      const auto end = std::min(payload.find('\n', begin), payload.size());
      add_line(news, std::string_view(payload).substr(begin, end - begin), self);
      begin = end + 1;
    }
  }
  return news;
}

}  // namespace fabu::store::pg
