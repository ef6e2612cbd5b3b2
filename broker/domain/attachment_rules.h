// Rules of the item's attachments. Their bytes are not looked at here. Pure.
#pragma once

#include <fabu/v1/item.pb.h>

#include "broker/domain/faults.h"

namespace fabu::domain {

// Rules attachments.too_many, .name.required, .name.path, .name.twice, .media_type.form, .size.required, .sha256.form and the
// bounds of the texts.
void check_attachments(const v1::Item& item, Faults& faults);

}  // namespace fabu::domain
