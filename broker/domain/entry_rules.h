// What the item's catalogue entry demands of it. Pure.
#pragma once

#include <fabu/v1/item.pb.h>

#include "broker/domain/catalogue.h"
#include "broker/domain/faults.h"

namespace fabu::domain {

// Rules catalogue_entry.required, catalogue_entry.unknown (names the nearest), entry.required (each of the entry's required
// fields, and the notice period where the entry has one), entry.notice_period, stage.contradicts.
void check_entry(const v1::Item& item, const Catalogue& catalogue, Faults& faults);

}  // namespace fabu::domain
