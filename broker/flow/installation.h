// What this installation is: its departments, its channels, its name. Read once at start, never changed.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace fabu::flow {

struct Department {
  std::string code;  // [A-Za-z0-9_-]{1,32}
  std::string name;  // 中文全称
  std::string uscc;  // for index numbers; empty = the publisher's of each item
};

struct Installation {
  std::vector<Department> departments;  // known departments; empty = any code is taken
  std::vector<std::string> channels;    // set up here, by name

  const Department* department(const std::string& code) const {
    const auto it = std::find_if(departments.begin(), departments.end(), [&](const Department& d) { return d.code == code; });
    return it == departments.end() ? nullptr : &*it;
  }
  bool has_channel(const std::string& name) const { return std::find(channels.begin(), channels.end(), name) != channels.end(); }
};

}  // namespace fabu::flow
