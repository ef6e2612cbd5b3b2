// Who asks for something, after authentication.
#pragma once

#include <fabu/v1/audit.pb.h>

#include <cstdint>
#include <string>

namespace fabu {

// What a key allows. A bit set.
enum class Scope : std::uint8_t {
  submit = 1,   // push items and attachments of one's own department
  read = 2,     // see one's own department's items, traces and deliveries
  operate = 4,  // see and mend every delivery and channel
  audit = 8,    // see every trace with its openings, and bundles
  review = 16,  // approve or reject held editions
  admin = 32,   // make and revoke keys
};

struct Caller {
  v1::ActorKind kind = v1::ACTOR_KIND_UNSPECIFIED;
  std::string department;  // code; empty for the local administrator
  std::string key_id;      // empty for the local administrator
  std::uint8_t scopes = 0;

  bool may(Scope scope) const { return (scopes & static_cast<std::uint8_t>(scope)) != 0; }
  // Whether items of this department are the caller's to see.
  bool sees(const std::string& other) const {
    return may(Scope::operate) || may(Scope::audit) || may(Scope::review) || department == other;
  }
  // The name in the audit log.
  std::string actor() const { return key_id.empty() ? "local" : department + "/" + key_id; }
};

}  // namespace fabu
