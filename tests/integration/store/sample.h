// Commands as the use cases would send them. Times are fixed; every item has its own reference.
#pragma once

#include <string>
#include <vector>

#include "broker/store/store.h"

namespace fabu::store {

inline constexpr const char* kWebsite = "website";
inline constexpr const char* kNoticeboard = "noticeboard";
inline constexpr const char* kPrefix = "11349900MB1K27N4XP/202606-";

// A fixed afternoon, and seconds after it.
Instant at(std::int64_t seconds = 0);

Caller department();
Caller operator_key();
Caller reviewer();
Caller administrator();

// A new item for both channels; `words` tells contents of one reference apart.
Accept submission(const std::string& reference, Instant received = at(), const std::string& words = "");
Accept correction(const std::string& reference, const std::string& words, std::uint32_t of_edition = 0,
                  Instant received = at(60));

// What a channel reports.
v1::Receipt receipt_for(const std::string& delivery_id, const std::string& place = "https://www.czjy.gov.cn/");
Settle delivered(const std::string& delivery_id, Instant time = at(10));
Settle delivered_at(const std::string& delivery_id, const std::string& place, Instant time = at(10));
Settle set_back(const std::string& delivery_id, v1::DeliveryState, Instant due, const std::string& code = "http.503",
                std::uint32_t attempts = 1);
Settle dead(const std::string& delivery_id, const std::string& code = "http.404");
Settle progress(const std::string& delivery_id, const std::string& notes);
Settle observed(const std::string& delivery_id, v1::ObservationState = v1::OBSERVATION_STATE_PRESENT);

Withdraw withdrawal(std::uint64_t item_id, std::uint32_t of_edition = 0);
Review decision(const v1::Edition&, bool approve, const std::string& remarks = "");
Replay replay_of(const std::string& channel = "", const std::string& code = "", const std::string& delivery_id = "",
                 bool dry_run = false);
KeyRecord sample_key(const std::string& id);

using Ids = std::vector<std::string>;
Ids ids_of(const std::vector<v1::Delivery>& deliveries);

}  // namespace fabu::store
