// What the use cases tell whoever counts and logs. Called on any thread; must not block.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <string_view>

namespace fabu::flow {

class Events {
 public:
  virtual ~Events() = default;
  // `outcome`: accepted, repeated, refused, conflict, busy, unavailable, dry_run.
  virtual void submitted(std::string_view outcome) = 0;
  virtual void delivered(const v1::Delivery&) = 0;
  virtual void setback(const v1::Delivery&, const v1::Failure&) = 0;
  virtual void store_failed(std::string_view operation, std::string_view what) = 0;
};

}  // namespace fabu::flow
