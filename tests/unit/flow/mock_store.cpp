#include "unit/flow/mock_store.h"

namespace fabu::flow {

MockStore::MockStore() = default;
MockStore::~MockStore() = default;

}  // namespace fabu::flow
