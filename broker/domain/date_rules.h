// Rules of the item's dates. Pure.
#pragma once

#include <fabu/v1/item.pb.h>

#include "broker/domain/catalogue.h"
#include "broker/domain/faults.h"
#include "proto/fabu/time.h"

namespace fabu::domain {

// Rules .required, .date, formed_date.future, expiry_date.order, notice_period.end.order. `today` is the day in Asia/Shanghai.
void check_dates(const v1::Item& item, Date today, Faults& faults);
// Rule entry.notice_period: a stated period that has fewer days than the entry's least, both ends included. Working days are
// at least as many days of the calendar, so this refuses only what is too short under any calendar of holidays.
void check_period_length(const v1::Item& item, const Entry& entry, Faults& faults);

}  // namespace fabu::domain
