// Verifies an evidence bundle (证据包) with no network and no server.
#pragma once

#include <string_view>
#include <vector>

#include "broker/audit/verdict.h"
#include "broker/audit/verifier_key.h"

namespace fabu::audit {

// Parses a v1::EvidenceBundle and checks: the checkpoint's signature; each record's inclusion, number, time, chain and state;
// each edition's bytes against its RECEIVED record and the reverse; each delivery's state and receipt against its records and
// the reverse; each opening against its commitment. Names the first bad record. `trusted`: one of these keys must have signed;
// empty = the bundle's own key is taken, and Verdict::trusted stays false.
Verdict verify_bundle(std::string_view bytes, const std::vector<VerifierKey>& trusted = {});

}  // namespace fabu::audit
