// Settlement: what workers report becomes state and audit in one transaction, then the next step.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include "broker/flow/dispatch.h"
#include "broker/flow/events.h"
#include "broker/store/store.h"
#include "proto/fabu/time.h"

namespace fabu::flow {

// Thread-safe.
class Settlement {
 public:
  Settlement(store::Store&, Dispatch&, const Clock&, Events&);
  // Stores the report. Called on any thread.
  void report(v1::Report, transport::ReportDone done);

 private:
  store::Store& store_;
  Dispatch& dispatch_;
  const Clock& clock_;
  Events& events_;
};

}  // namespace fabu::flow
