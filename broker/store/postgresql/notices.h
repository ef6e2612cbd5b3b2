// What brokers on one database tell each other, by LISTEN and NOTIFY: each listens on the channel of its session, and on one for
// all. A payload has a line for each thing told: its first byte says what, the rest is the delivery's id, the channel, or who
// says it. PostgreSQL delivers it when the transaction that says it has committed, in the order of the commits.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "broker/store/postgresql/connection.h"
#include "broker/store/store.h"

namespace fabu::store::pg {

inline constexpr const char* kAllSessions = "fabu_all";
inline constexpr const char* kLeaders = "fabu_leaders";  // a session ended in order: look for what it left
std::string channel_of_session(std::uint64_t session);

// What a transaction has to tell. Not thread-safe.
class Notices {
 public:
  void outdated(std::uint64_t session, const std::string& delivery_id);
  void due(std::uint64_t session, const std::string& channel);
  void channels(std::uint64_t by);  // to all
  // Sends it, and forgets it. The caller syncs.
  void send(Connection&);

 private:
  void add(const std::string& to, char what, const std::string& line);
  // By who hears it. Below PostgreSQL's bound of 8000 bytes each.
  std::map<std::string, std::vector<std::string>> payloads_;
};

// What was told by others than `self`. A payload that says what this program does not know counts as everything.
News news_of(const std::vector<Notification>&, std::uint64_t self);

}  // namespace fabu::store::pg
